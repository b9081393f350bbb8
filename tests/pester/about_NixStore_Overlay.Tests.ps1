# Runs the commands of docs/en-US/about_NixStore_Overlay.md, all of them in their order, with /srv in the test's directory.
BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/overlays.ps1
    . $PSScriptRoot/stores.ps1
    $page = Get-Content -Raw (Join-Path $root docs en-US about_NixStore_Overlay.md)
    $blocks = [regex]::Matches($page, '(?ms)^```powershell\n(.*?)^```').ForEach{ $_.Groups[1].Value }
    $named = [regex]::Matches(($blocks -join "`n"), '\b[A-Z][A-Za-z]+-\w*Store\w*').Value | Sort-Object -Unique
    $missing = @($named | Where-Object { -not (Get-Command $_ -ErrorAction Ignore) })
    $obstacle = (Get-OverlayObstacle) ?? (Get-LabObstacle)
    if (-not $obstacle -and -not (Get-Command setpriv -ErrorAction Ignore)) { $obstacle = 'TOOLS MISSING' }
}

Describe 'about_NixStore_Overlay' -ForEach @{ named = $named; missing = $missing } {
    It 'Names commands that there are' {
        $named | Should -Contain 'Publish-OverlayStorePath'
        $missing | Should -BeNullOrEmpty
    }
}

Describe 'The commands of about_NixStore_Overlay' -Skip:([bool] $obstacle) -ForEach @{ blocks = $blocks } {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        Import-Module $manifest
        . $PSScriptRoot/overlays.ps1
        . $PSScriptRoot/stores.ps1
        $srv = Join-Path $TestDrive srv
        $nix = "$nixLab/nix"
        $null = New-Item -ItemType Directory $srv, $srv/bin, $srv/image/bin
        Copy-LabStore $srv/lower
        Set-Content $srv/tool 'a tool'
        Set-Content $srv/extra 'something extra'

        # Nix as on a machine that has it, and in the container's image; the container is run by tests/interop/container.py.
        foreach ($directory in "$srv/bin", "$srv/image/bin") {
            Set-Content $directory/nix-store "#!/bin/sh`nexec $nix/bin/nix234-store `"`$@`""
            chmod +x $directory/nix-store
        }
        $null = New-Item -ItemType SymbolicLink $srv/bin/docker -Target (Join-Path $root tests interop container.py)
        $before = @{}
        foreach ($name in 'PATH', 'NIX_CONFIG', 'NIX_REMOTE', 'CONTAINER_IMAGE') { $before[$name] = [Environment]::GetEnvironmentVariable($name) }
        $env:PATH = "$srv/bin:$env:PATH"
        $env:CONTAINER_IMAGE = "$srv/image:$nix"
        $env:NIX_REMOTE = ''

        # What each block gives, and what went wrong.
        $outputs = @{}
        $failures = foreach ($block in $blocks) {
            $Error.Clear()
            $global:LASTEXITCODE = 0
            $first = ($block -split "`n")[0]
            try { $outputs[$first] = @(. ([scriptblock]::Create($block.Replace('/srv/', "$srv/")))) }
            catch { "${first}: $_" }
            if ($Error) { "${first}: $($Error[0])" }
            if ($global:LASTEXITCODE) { "${first}: exit code $global:LASTEXITCODE" }
        }
        function Get-Output([string] $Beginning) { $outputs.GetEnumerator().Where{ $_.Key.StartsWith($Beginning) }.Value }
    }

    AfterAll {
        foreach ($name in $before.Keys) { [Environment]::SetEnvironmentVariable($name, $before[$name]) }
        Dismount-TestOverlay $srv

        # There are names in it that .NET cannot delete.
        rm -rf $srv
    }

    It 'All work' {
        $failures | Should -BeNullOrEmpty
    }

    It 'Publish, so that a new overlay store writes nothing' {
        (Get-Output '$env:NIX_CONFIG = $one').Layer | Should -Be Upper
        (Get-Output 'Publish-').Layer | Select-Object -Last 1 | Should -Be Lower
        (Get-Output '$two = ') | Should -Be $tool
        Get-ChildItem -Force "$srv/two/upper" | Should -BeNullOrEmpty
        "$srv/one/upper/$(Split-Path -Leaf $tool)" | Should -Not -Exist
    }

    It 'Have the container write into the upper layer, and collect it from the machine' {
        (Get-Output '$box = ').Layer | Should -Be Upper
        "$srv/box/upper/$(Split-Path -Leaf $made)" | Should -Not -Exist
        "$srv/lower/nix/store/$(Split-Path -Leaf $tool)" | Should -Exist
    }

    It 'Repair what the machine has deleted under the mount' {
        "$srv/lower/nix/store/$(Split-Path -Leaf $extra)" | Should -Not -Exist
        $steps = @(Get-Output '$extra = ').Where{ $_ -is [NixStore.OverlayRepairStep] }
        $steps.Outcome | Select-Object -Unique | Should -Be Done
        $steps.Where{ $_.Path -eq $extra }.Action | Should -Be RemoveRow
        @(Test-OverlayStore $box.Store).Where{ $_.Path -eq $extra } | Should -BeNullOrEmpty
    }

    It 'Mount again, and write what does so at the start' {
        (Get-Output 'Dismount-').IsMounted | Should -Be $true
        Get-Output 'Get-OverlayStore' | Should -HaveCount 2
    }
}
