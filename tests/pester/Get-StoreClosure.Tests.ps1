BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/stores.ps1
    $obstacle = Get-LabObstacle
    if ($obstacle) { Write-Warning "${obstacle}: tests of Get-StoreClosure on stores of real Nix skip" }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1

    # app needs lib and data; lib and tool need libc.
    $small = New-SmallStore (Join-Path $TestDrive small) 'libc'
    $null = $small.Add('data', @(), '', $null)
    $null = $small.Add('lib', @('libc'), '', $null)
    $null = $small.Add('tool', @('libc'), '', $null)
    $null = $small.Add('app', @('lib', 'data'), '', $null)
    $s = @{ Store = $small.Root }

    function Test-Order($Path) {
        $seen = @{}
        foreach ($one in $Path) {
            foreach ($reference in $one.References) {
                if ($reference -in $Path.Path -and $reference -ne $one.Path -and -not $seen[$reference]) { return $false }
            }
            $seen[$one.Path] = $true
        }
        $true
    }
}

Describe 'Get-StoreClosure' {
    It 'Gives what a path needs, itself last' {
        $closure = Get-StoreClosure *-app @s
        $closure.Name | Sort-Object | Should -Be 'app', 'data', 'lib', 'libc'
        $closure[-1].Name | Should -Be 'app'
        Test-Order $closure | Should -BeTrue
        $closure[0].GetType().FullName | Should -Be 'NixStore.StorePathInfo'
    }

    It 'Gives what needs a path with -Referrers, itself first' {
        $closure = Get-StoreClosure *-libc @s -Referrers
        $closure.Name | Sort-Object | Should -Be 'app', 'lib', 'libc', 'tool'
        $closure[0].Name | Should -Be 'libc'
        Test-Order $closure | Should -BeTrue
    }

    It 'Gives each path once, whatever leads to it' {
        (Get-StoreClosure *-app, *-tool @s).Name | Sort-Object | Should -Be 'app', 'data', 'lib', 'libc', 'tool'
        $piped = Get-StorePath *-tool, *-app @s | Get-StoreClosure
        $piped.Name | Sort-Object | Should -Be 'app', 'data', 'lib', 'libc', 'tool'
        Test-Order $piped | Should -BeTrue
        $referrers = $small.PathOf('data'), $small.PathOf('libc') | Get-StoreClosure @s -Referrers
        $referrers.Name | Sort-Object | Should -Be 'app', 'data', 'lib', 'libc', 'tool'
        Test-Order $referrers | Should -BeTrue
    }

    It 'Goes back to the store of an object, and keeps stores apart' {
        $other = New-SmallStore (Join-Path $TestDrive other) 'libc', 'tool'
        $closure = @(Get-StorePath *-tool @s) + @(Get-StorePath *-tool -Store $other.Root) | Get-StoreClosure
        $closure.Store | Should -Be $small.Url, $small.Url, $other.Url, $other.Url
    }

    It 'Streams: the first object is there before the last input' {
        $asked = [Collections.Generic.List[string]]::new()
        $first = & { $asked.Add('tool'); Get-StorePath *-tool @s; $asked.Add('app'); Get-StorePath *-app @s } | Get-StoreClosure | Select-Object -First 1
        $first.Name | Should -Be 'libc'
        $asked | Should -Be 'tool'
    }

    It 'Is an error for <text>, and the others go on' -ForEach @(
        @{ text = '/nix/store/00000000000000000000000000000000-x'; id = 'StorePathNotFound' }
        @{ text = '*-nothing'; id = 'StorePathNotFound' }
        @{ text = 'nonsense'; id = 'InvalidStorePath' }
    ) {
        $closure = Get-StoreClosure $text, *-data @s -ErrorVariable failure -ErrorAction SilentlyContinue
        $closure.Name | Should -Be 'data'
        $failure.FullyQualifiedErrorId | Should -Be "$id,NixStore.PowerShell.Commands.GetStoreClosureCommand"
    }

    It 'Ends in a cycle' {
        $cycle = New-SmallStore (Join-Path $TestDrive cycle) 'one', 'two', 'three'
        Invoke-StoreSql $cycle.Root "insert into Refs select a.id, b.id from ValidPaths a, ValidPaths b where a.path like '%-one' and b.path like '%-three'"
        (Get-StoreClosure *-two -Store $cycle.Root).Name | Sort-Object | Should -Be 'one', 'three', 'two'
        (Get-StoreClosure *-two -Store $cycle.Root -Referrers).Name | Sort-Object | Should -Be 'one', 'three', 'two'
    }

    It 'Says when it is incomplete' {
        $broken = New-SmallStore (Join-Path $TestDrive broken) 'one', 'two', 'three'
        Invoke-StoreSql $broken.Root "delete from ValidPaths where path like '%-one'"
        $closure = Get-StoreClosure *-three -Store $broken.Root -ErrorVariable failure -ErrorAction SilentlyContinue
        $closure.Name | Should -Be 'two', 'three'
        $failure.FullyQualifiedErrorId | Should -Be 'ClosureIncomplete,NixStore.PowerShell.Commands.GetStoreClosureCommand'
        $failure.TargetObject.Name | Should -Be 'two'
    }

    It 'Walks a chain of any length' {
        $deep = New-SmallStore (Join-Path $TestDrive deep) 'first'
        Invoke-StoreSql $deep.Root "with recursive n(i) as (select 2 union all select i + 1 from n where i < 3000) insert into ValidPaths(path, hash, registrationTime, narSize) select '/nix/store/' || printf('%032d', i) || '-n' || i, 'sha256:00', 1, 1 from n; insert into Refs select id, id - 1 from ValidPaths where id > 1"
        (Get-StoreClosure *-n3000 -Store $deep.Root).Count | Should -Be 3000
    }
}

Describe 'Get-StoreClosure on a store of real Nix' -Skip:([bool] $obstacle) {
    It 'Is what Nix says' {
        $work = (New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) "nixstore-pester-$PID-$(New-Guid)")).FullName
        try {
            Copy-LabStore "$work/lab"
            $closure = Get-StoreClosure *-env-3 -Store "$work/lab"
            $closure.Path | Sort-Object | Should -Be (Get-Content "$work/lab/closure-env3.txt" | Sort-Object)
            Test-Order $closure | Should -BeTrue
            $all = Get-StoreClosure * -Store "$work/lab"
            $all.Count | Should -Be (Get-NixStore "$work/lab").PathCount
            Test-Order $all | Should -BeTrue
        }
        finally {
            rm -rf $work
        }
    }
}
