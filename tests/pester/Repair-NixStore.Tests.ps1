BeforeDiscovery { $hasSqlite = [bool](Get-Command sqlite3 -ErrorAction Ignore) }

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    . $PSScriptRoot/sample.ps1
    $failed = 'NixStore.PowerShell.Commands.RepairNixStoreCommand'
    $sample = New-SampleStore "$TestDrive/sample"

    function Get-Tree([string] $Root) { find $Root -printf '%P %y %m %s %T@ %i %l\n' | Sort-Object }

    # Everything in the sample is alive.
    function Add-Root($Copy) {
        foreach ($path in $Copy.Path.Values) { $null = New-StoreRoot -Store $Copy.Store $path.Path "$($Copy.Root)/root-$($path.Name)" }
    }

    # Empties the first file of a path, as a power failure does.
    function Clear-File($Path) {
        $file = (Test-Path $Path.RealPath -PathType Leaf) ? (Get-Item $Path.RealPath) : (Get-ChildItem $Path.RealPath -Recurse -File | Select-Object -First 1)
        chmod u+w $file.FullName
        Set-Content $file.FullName '' -NoNewline
        chmod a-w $file.FullName
    }
}

Describe 'Repair-NixStore' -Skip:(-not $hasSqlite) {
    BeforeEach {
        $copy = Copy-SampleStore $sample
        Add-Root $copy
        $with = @{ Store = $copy.Store; Source = $copy.Cache; TrustedPublicKey = $copy.Key; Confirm = $false }
        $one, $other = $copy.Path.Values | Sort-Object Name | Select-Object -First 2
    }

    It 'Finds a sound store healthy, and does nothing' {
        $repair = Repair-NixStore @with
        $repair | Should -BeOfType NixStore.NixStoreRepair
        $repair.IsHealthy, $repair.IsApplied | Should -Be $true, $true
        $repair.Steps | Should -BeNullOrEmpty
        $repair.Backup | Should -BeNullOrEmpty
        $repair.ReplacedDatabase | Should -BeNullOrEmpty
    }

    It 'Heals the database, repairs what lives, and looks again' {
        Clear-File $one
        Invoke-StoreSql $copy.Root "delete from ValidPaths where path = '$($other.Path)'"
        $repair = Repair-NixStore @with
        $repair.IsHealthy | Should -BeTrue
        $repair.PathsRepaired | Should -Be 1
        $repair.ReplacedDatabase | Should -Exist
        $repair.Backup | Should -Exist
        $repair.Steps.Kind | Should -Contain 'RepairPath'
        ($repair.Steps | Where-Object Kind -EQ RepairPath).Path | Should -Be $one.Path
        Get-StorePath -Store $copy.Store -CheckContents | ForEach-Object Invalid | Should -Not -Contain $true
        (Get-StorePath -Store $copy.Store).Count | Should -Be $copy.Path.Count
        Test-StoreDatabase $copy.Store -CheckContents -Quiet | Should -BeTrue
    }

    It 'Sets aside what is damaged and dead, and can have it back' {
        Get-StoreRoot -Store $copy.Store -Kind Permanent | Remove-StoreRoot -Confirm:$false
        Clear-File $one
        $repair = Repair-NixStore @with
        $repair.IsHealthy | Should -BeTrue
        $repair.PathsSetAside | Should -BeGreaterOrEqual 1
        $repair.PathsRepaired | Should -Be 0
        ($repair.Steps | Where-Object Kind -EQ SetAside).Path | Should -Contain $one.Path
        (Get-StorePath -Store $copy.Store).Path | Should -Not -Contain $one.Path
        $null = Get-StoreTrash -Store $copy.Store | Restore-StoreTrash -SkipVerification -Confirm:$false
        (Get-StorePath -Store $copy.Store).Path | Should -Contain $one.Path
    }

    It 'Names what it cannot repair, with the remedy, as an error and in the report' {
        Clear-File $one
        $with.Source = @()
        $repair = Repair-NixStore @with -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be "RepairStepFailed,$failed"
        $failure.TargetObject | Should -BeOfType NixStore.StoreRepairStep
        $repair.IsHealthy | Should -BeFalse
        $left = $repair.Remaining | Where-Object Severity -NE Information
        $left | Should -BeOfType NixStore.StoreFinding
        $left.Path | Should -Be $one.Path
        $left.Remedy | Should -BeLike '*-Source*'
    }

    It 'Says with -WhatIf what is wrong and what it would do, and touches nothing' {
        Clear-File $one
        $before = Get-Tree $copy.Directory
        $plan = Repair-NixStore @with -WhatIf
        $plan.IsApplied | Should -BeFalse
        ($plan.Steps | Where-Object Kind -EQ RepairPath).Path | Should -Be $one.Path
        $plan.Steps.Outcome | Select-Object -Unique | Should -Be 'Planned'
        Get-Tree $copy.Directory | Should -Be $before
        Invoke-StoreSql $copy.Root "delete from ValidPaths where path = '$($other.Path)'"
        (Repair-NixStore @with -WhatIf).Steps.Kind | Should -Contain 'RestoreRow'
    }

    It 'Writes a page of what was wrong and what was done' {
        Clear-File $one
        Push-Location $TestDrive
        try { $null = Repair-NixStore @with -ReportPath ./repair.html }
        finally { Pop-Location }
        $page = [xml]((Get-Content -Raw "$TestDrive/repair.html") -replace '<!DOCTYPE html>', '')
        $page.OuterXml | Should -BeLike "*$($one.Path)*"
    }

    It 'Refuses an empty store directory before anything is changed, and fills it with -Force' {
        chmod -R u+w "$($copy.Root)/nix/store"
        Get-ChildItem "$($copy.Root)/nix/store" -Exclude .links | Remove-Item -Recurse -Force
        $null = New-Item "$($copy.Root)/nix/var/nix/temproots/junk" -Force
        $before = Get-Tree $copy.Root
        { Repair-NixStore @with } | Should -Throw -ErrorId "StoreDirectoryEmpty,$failed"
        Get-Tree $copy.Root | Should -Be $before
        (Repair-NixStore @with -Force).PathsRepaired | Should -Be $copy.Path.Count
        Get-StorePath -Store $copy.Store -CheckContents | ForEach-Object Invalid | Should -Not -Contain $true
    }

    It 'Takes stores by value, and shows the report as a list' {
        $text = $copy.Store | Repair-NixStore -Source @() -Confirm:$false | Out-String
        $text | Should -Match 'Healthy\s+: True'
        $text | Should -Match 'PathsRepaired\s+: 0'
    }

    It 'Completes sources, and asks by default' {
        (Get-Command Repair-NixStore).Parameters.Source.Attributes.Where{ $_ -is [ArgumentCompleter] } | Should -Not -BeNullOrEmpty
        $meta = [NixStore.PowerShell.Commands.RepairNixStoreCommand].GetCustomAttributes([Management.Automation.CmdletAttribute], $false)
        $meta.ConfirmImpact, $meta.SupportsShouldProcess | Should -Be 'High', $true
    }
}
