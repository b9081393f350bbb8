BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/stores.ps1
    $obstacle = Get-LabObstacle
    if ($obstacle) { Write-Warning "${obstacle}: tests of Trace-StorePath on stores of real Nix skip" }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1

    # app needs lib and data; lib and tool need libc; old is garbage, and stray is not registered.
    $small = New-SmallStore (Join-Path $TestDrive small) 'libc'
    $null = $small.Add('data', @(), '', $null)
    $null = $small.Add('lib', @('libc'), '', $null)
    $null = $small.Add('tool', @('libc'), '', $null)
    $null = $small.Add('app', @('lib', 'data'), '', $null)
    $null = $small.Add('old', @('data'), '', $null)
    $null = $small.Add('older', @('old'), '', $null)
    Set-Content $small.RealPathOf('stray') 'x'
    $gcroots = New-Item -ItemType Directory -Force "$($small.Root)/nix/var/nix/gcroots"
    foreach ($name in 'app', 'tool') { $null = New-Item -ItemType SymbolicLink "$gcroots/$name" -Target $small.PathOf($name) }
    $s = @{ Store = $small.Root }
}

Describe 'Trace-StorePath' {
    It 'Gives each root that keeps a path, the nearest first' {
        $trace = Trace-StorePath *-libc @s
        $trace | Should -HaveCount 2
        $trace[0].GetType().FullName | Should -Be 'NixStore.StoreTrace'
        $trace.Alive | Should -Be $true, $true
        $trace.Root.Link | Split-Path -Leaf | Should -Be 'tool', 'app'
        $trace[1].Chain | Should -Be $small.PathOf('app'), $small.PathOf('lib'), $small.PathOf('libc')
        $trace.ForEach{ $_.Length } | Should -Be 1, 2
        $trace[1].Edges | Should -Be 'Reference', 'Reference'
        $trace.RootCount | Should -Be 2, 2
        $trace[0].ReclaimableCount | Should -Be 1
        $trace[1].ReclaimableSize | Should -Be (Get-StorePath *-app, *-lib, *-data @s | Measure-Object NarSize -Sum).Sum
        $trace[0].Dominators | Should -BeNullOrEmpty
        (Trace-StorePath *-data @s).Dominators | Should -Be $small.PathOf('app')
    }

    It 'Gives no more than -First, and all with -All' {
        Trace-StorePath *-libc @s -First 1 | Should -HaveCount 1
        foreach ($number in 1..12) { $null = New-Item -ItemType SymbolicLink "$gcroots/x$number" -Target $small.PathOf('tool') }
        try {
            Trace-StorePath *-libc @s | Should -HaveCount 10
            Trace-StorePath *-libc @s -All | Should -HaveCount 14
        }
        finally {
            Remove-Item $gcroots/x*
        }
    }

    It 'Explains <name>' -ForEach @(
        @{ name = 'older'; reason = 'Unreferenced' }
        @{ name = 'old'; reason = 'OnlyReferredByDead' }
        @{ name = 'stray'; reason = 'NotRegistered' }
    ) {
        $trace = Trace-StorePath -LiteralPath $small.PathOf($name) @s
        $trace.Alive | Should -BeFalse
        $trace.Reason | Should -Be $reason
        $trace.Root | Should -BeNullOrEmpty
        $trace.Note | Should -Not -BeNullOrEmpty
        $trace.Referrers | Should -Be ($name -eq 'old' ? $small.PathOf('older') : @())
    }

    It 'Gives only dead paths with -Dead' {
        (Trace-StorePath * @s -Dead).Path | Sort-Object | Should -Be ($small.PathOf('old'), $small.PathOf('older') | Sort-Object)
        Trace-StorePath *-app @s -Dead | Should -BeNullOrEmpty
    }

    It 'Names the shell whose environment is the reason' {
        $trace = Invoke-FreshPowerShell {
            $env:SUDO_COMMAND = "nix-store --delete $($args[2])"
            & $args[3] -Command "Import-Module '$($args[0])'; (Trace-StorePath '$($args[2])' -Store '$($args[1])').Note"
        } $small.Root, $small.PathOf('older'), "$root/build/child.ps1"
        $trace | Where-Object { $_ -like 'this very process*' } | Should -BeLike '*its environment variable SUDO_COMMAND names it'
    }

    It 'Takes paths and objects from the pipeline' {
        (Get-StorePath *-old @s | Trace-StorePath).Reason | Should -Be 'OnlyReferredByDead'
        ($small.PathOf('old') | Trace-StorePath @s).Reason | Should -Be 'OnlyReferredByDead'
        (Trace-StorePath *-older @s | Get-StorePath).Name | Should -Be 'older'
    }

    It 'Follows derivers and outputs as it is told' {
        $derived = New-SmallStore (Join-Path $TestDrive derived) 'source', 'x.drv'
        $null = $derived.Add('x', @(), '', $null)
        Invoke-StoreSql $derived.Root "update ValidPaths set deriver = '$($derived.PathOf('x.drv'))' where path like '%-x'; insert into DerivationOutputs select id, 'out', '$($derived.PathOf('x'))' from ValidPaths where path like '%.drv'"
        $roots = New-Item -ItemType Directory -Force "$($derived.Root)/nix/var/nix/gcroots"
        $link = New-Item -ItemType SymbolicLink "$roots/x" -Target $derived.PathOf('x')
        (Trace-StorePath *-source -Store $derived.Root -KeepDerivations).Edges | Should -Be 'Deriver', 'Reference'
        (Trace-StorePath *-source -Store $derived.Root -KeepDerivations:$false).Alive | Should -BeFalse
        $link.Delete()
        $null = New-Item -ItemType SymbolicLink "$roots/x" -Target $derived.PathOf('x.drv')
        (Trace-StorePath *-x -Store $derived.Root -KeepOutputs).Edges | Should -Be 'Output'
        (Trace-StorePath *-x -Store $derived.Root -KeepOutputs:$false).Alive | Should -BeFalse
    }

    It 'Shows the chain as an indented list' {
        $text = Trace-StorePath *-libc @s | Select-Object -Last 1 | Format-List | Out-String -Width 200
        $text | Should -BeLike "*-app`n*  -> *-lib`n*    -> *-libc`n*"
        Trace-StorePath *-libc @s | Out-String -Width 200 | Should -BeLike '*Root, or reason*'
    }

    It 'Is an error for <text>, and the others go on' -ForEach @(
        @{ text = '/nix/store/00000000000000000000000000000000-x'; id = 'StorePathNotFound' }
        @{ text = '*-nothing'; id = 'StorePathNotFound' }
        @{ text = 'nonsense'; id = 'InvalidStorePath' }
    ) {
        $trace = Trace-StorePath $text, *-old @s -ErrorVariable failure -ErrorAction SilentlyContinue
        $trace.Reason | Should -Be 'OnlyReferredByDead'
        $failure.FullyQualifiedErrorId | Should -Be "$id,NixStore.PowerShell.Commands.TraceStorePathCommand"
    }

    It 'Refuses <one> with <other>' -ForEach @(
        @{ one = '-All'; other = '-First'; given = @{ All = $true; First = 1 } }
        @{ one = '-DependsOn'; other = '-Dead'; given = @{ DependsOn = 'x'; Dead = $true } }
        @{ one = '-DependsOn'; other = '-KeepOutputs'; given = @{ DependsOn = 'x'; KeepOutputs = $true } }
    ) {
        { Trace-StorePath *-old @s @given } | Should -Throw -ErrorId 'ParametersExclude,NixStore.PowerShell.Commands.TraceStorePathCommand'
    }

    It 'Leaves no trace' {
        # Looks twice, since the first look may change access times.
        foreach ($look in 1, 2) { $before = find $small.Root -printf '%p %y %m %T@ %A@ %C@ %l\n' | Sort-Object }
        $null = Trace-StorePath * @s -All
        find $small.Root -printf '%p %y %m %T@ %A@ %C@ %l\n' | Sort-Object | Should -Be $before
    }
}

Describe 'Trace-StorePath -DependsOn' {
    It 'Gives the shortest chain' {
        $dependency = Trace-StorePath *-app @s -DependsOn $small.PathOf('libc')
        $dependency.GetType().FullName | Should -Be 'NixStore.StoreDependency'
        $dependency.Chain | Should -Be $small.PathOf('app'), $small.PathOf('lib'), $small.PathOf('libc')
        $dependency.Length | Should -Be 2
        $dependency | Format-List | Out-String -Width 200 | Should -BeLike '*    -> *-libc*'
    }

    It 'Gives all of the shortest chains with -All' {
        $twice = New-SmallStore (Join-Path $TestDrive twice) 'end'
        foreach ($name in 'one', 'two', 'three') { $null = $twice.Add($name, @('end'), '', $null) }
        $null = $twice.Add('top', @('one', 'two', 'three'), '', $null)
        $t = @{ Store = $twice.Root; DependsOn = $twice.PathOf('end') }
        Trace-StorePath *-top @t | Should -HaveCount 1
        Trace-StorePath *-top @t -First 2 | Should -HaveCount 2
        Trace-StorePath *-top @t -All | Should -HaveCount 3
    }

    It 'Is an error where there is no chain, and the others go on' {
        $dependency = Trace-StorePath *-data, *-app @s -DependsOn $small.PathOf('libc') -ErrorVariable failure -ErrorAction SilentlyContinue
        $dependency.Path | Should -Be $small.PathOf('app')
        $failure.FullyQualifiedErrorId | Should -Be 'DoesNotDepend,NixStore.PowerShell.Commands.TraceStorePathCommand'
        $failure.TargetObject | Should -Be $small.PathOf('data')
    }

    It 'Is an error when there is no such path' {
        $null = Trace-StorePath *-app @s -DependsOn /nix/store/00000000000000000000000000000000-x -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'StorePathNotFound,NixStore.PowerShell.Commands.TraceStorePathCommand'
    }
}
