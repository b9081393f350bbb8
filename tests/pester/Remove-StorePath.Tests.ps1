BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $isRoot = (id -u) -eq 0
    if (-not $isRoot) { Write-Warning 'NOT ROOT: the roots of other users'' processes cannot be read, so nothing is removed, and these tests skip' }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    . $PSScriptRoot/garbage.ps1
    $WarningPreference = 'SilentlyContinue'
    $failed = 'NixStore.PowerShell.Commands.RemoveStorePathCommand'
}

Describe 'Remove-StorePath' -Skip:(-not $isRoot) {
    BeforeEach {
        $small = New-GarbageStore
        $s = @{ Store = $small.Root }
    }

    It 'Removes paths that no root needs, and gives nothing' {
        Remove-StorePath $small.PathOf('lone') @s | Should -BeNullOrEmpty
        Get-RowName $small | Should -Be 'app', 'lib', 'libc', 'old', 'older'
        $small.RealPathOf('lone') | Should -Not -Exist
    }

    It 'Gives what it did with -PassThru' {
        $items = Remove-StorePath *-old* @s -PassThru
        $items[0].GetType().FullName | Should -Be 'NixStore.StoreCollectionItem'
        $items.Path | Should -Be $small.PathOf('older'), $small.PathOf('old')
        $items.Outcome | Should -Be 'Deleted', 'Deleted'
    }

    It 'Removes all of a pipeline in one collection, with its store' {
        Get-StoreGarbage @s | Select-Object -First 20 | Remove-StorePath
        Get-StoreName $small | Should -Be 'app', 'lib', 'libc'
        Get-ChildItem "$($small.Root)/nix/var/nix/nixstore/journal" | Should -HaveCount 1
    }

    It 'Binds objects literally' {
        $null = $small.Add('odd?', @(), '', $null)
        $null = $small.Add('oddx', @(), '', $null)
        Get-StoreGarbage -LiteralPath $small.PathOf('odd?') @s | Remove-StorePath
        Get-RowName $small | Should -Contain 'oddx'
        Get-RowName $small | Should -Not -Contain 'odd?'
        Get-StorePath *-oddx @s | Remove-StorePath
        $small.PathOf('lone') | Remove-StorePath @s
        Get-RowName $small | Should -Be 'app', 'lib', 'libc', 'old', 'older'
    }

    It 'Refuses what is alive, says why, and removes the rest' {
        $null = Remove-StorePath -LiteralPath $small.PathOf('libc'), $small.PathOf('lone') @s -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be "PathAlive,$failed"
        $failure.TargetObject | Should -Be $small.PathOf('libc')
        "$failure" | Should -BeLike "*the root */gcroots/app keeps it by way of $($small.PathOf('app')) -> $($small.PathOf('lib')).*"
        $small.RealPathOf('lone') | Should -Not -Exist
    }

    It 'Names the process whose environment is the reason' {
        $said = Invoke-FreshPowerShell {
            $env:SUDO_COMMAND = "nix-store --delete $($args[2])"
            & $args[3] -Command "Import-Module '$($args[0])'; Remove-StorePath '$($args[2])' -Store '$($args[1])' -ErrorVariable failure -ErrorAction SilentlyContinue 3>`$null; `"`$failure`""
        } $small.Root, $small.PathOf('lone'), "$root/build/child.ps1"
        "$said" | Should -BeLike '*SUDO_COMMAND names it*'
        $small.RealPathOf('lone') | Should -Exist
    }

    It 'Refuses what others need, unless these go along' {
        Remove-StorePath -LiteralPath $small.PathOf('old') @s -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be "PathInUse,$failed"
        "$failure" | Should -BeLike "*$($small.PathOf('older')) refers to it*"
        (Remove-StorePath -LiteralPath $small.PathOf('old') @s -IncludeReferrers -PassThru).Path | Should -Be $small.PathOf('older'), $small.PathOf('old')
    }

    It 'Is an error for <text>, and the rest goes on' -ForEach @(
        @{ text = '/nix/store/00000000000000000000000000000000-x'; id = 'StorePathNotFound' }
        @{ text = '*-nothing'; id = 'StorePathNotFound' }
        @{ text = '*-app'; id = 'PathAlive' }
        @{ text = 'nonsense'; id = 'InvalidStorePath' }
    ) {
        Remove-StorePath $text, '*-lone' @s -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be "$id,$failed"
        $small.RealPathOf('lone') | Should -Not -Exist
    }

    It 'Takes a wildcard for the garbage that matches, and says what stays' {
        Remove-StorePath * @s -WarningVariable warnings
        Get-StoreName $small | Should -Be 'app', 'lib', 'libc'
        "$warnings" | Should -BeLike '*3 of 7 paths*alive and stay*'
    }

    It 'Says what would go with -WhatIf, and touches nothing' {
        $before = Get-Trace $small.Root
        $log = Join-Path $TestDrive whatif.log
        Start-Transcript $log | Out-Null
        try { Remove-StorePath -LiteralPath $small.PathOf('old') @s -IncludeReferrers -WhatIf } finally { Stop-Transcript | Out-Null }
        foreach ($name in 'old', 'older') { (Get-Content $log) -join '' | Should -BeLike "*Delete*$($small.PathOf($name))*" }
        Get-Trace $small.Root | Should -Be $before
    }
}
