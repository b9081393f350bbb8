BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1

    # b needs a.
    $small = New-SmallStore (Join-Path $TestDrive small) 'a', 'b', 'odd?'
    $s = @{ Store = $small.Root }
    $gcroots = "$($small.Root)/nix/var/nix/gcroots"
    $null = New-Item -ItemType Directory -Force "$gcroots/auto", "$($small.Root)/home"
    ln -s $small.PathOf('b') "$gcroots/direct"
    ln -s $small.PathOf('a') "$($small.Root)/home/result"
    ln -s /home/result "$gcroots/auto/indirect"
    ln -s /home/gone "$gcroots/auto/stale"
    ln -s /away/result "$gcroots/auto/away"
    ln -s "/nix/store/00000000000000000000000000000000-x" "$gcroots/other"
}

Describe 'Get-StoreRoot' {
    It 'Gives all roots, whatever they are worth' {
        $roots = Get-StoreRoot @s -Kind Permanent
        $roots[0].GetType().FullName | Should -Be 'NixStore.StoreRoot'
        $roots | Sort-Object Link | ForEach-Object { "$(Split-Path -Leaf $_.Link) $($_.State) $($_.Origin)" } | Should -Be @(
            'away Unknown IndirectLink', 'indirect Active IndirectLink', 'stale Stale IndirectLink', 'direct Active DirectLink', 'other NotRegistered DirectLink')
        (Get-StoreRoot @s | Where-Object Stale).Target | Should -Be '/home/gone'
    }

    It 'Finds the roots of <what>' -ForEach @(
        @{ what = '*-a'; links = 'indirect' }
        @{ what = '*'; links = 'direct', 'indirect', 'other' }
        @{ what = '/nix/store/00000000000000000000000000000000-x'; links = 'other' }
    ) {
        Get-StoreRoot $what @s | ForEach-Object { Split-Path -Leaf $_.Link } | Sort-Object | Should -Be $links
    }

    It 'Takes paths from the pipeline, with their store' {
        (Get-StorePath *-a @s | Get-StoreRoot).Path | Should -Be $small.PathOf('a')
        ($small.PathOf('a') | Get-StoreRoot @s).Path | Should -Be $small.PathOf('a')
        Get-StorePath @s | Get-StoreRoot | Should -HaveCount 2
        Get-StoreRoot @s | Where-Object { $_.State -eq 'Active' } | Get-StorePath | ForEach-Object Name | Sort-Object | Should -Be 'a', 'b'
    }

    It 'Gives nothing for a path without roots, and an error for nonsense' {
        Get-StoreRoot "$($small.PathOf('a'))x" @s | Should -BeNullOrEmpty
        $roots = Get-StoreRoot nonsense, *-a @s -ErrorVariable failure -ErrorAction SilentlyContinue
        $roots | Should -HaveCount 1
        $failure.FullyQualifiedErrorId | Should -Be 'InvalidStorePath,NixStore.PowerShell.Commands.GetStoreRootCommand'
    }

    It 'Sums up what a root keeps with -IncludeSize' {
        $sizes = @{}
        Get-StorePath @s | ForEach-Object { $sizes[$_.Name] = $_.NarSize }
        (Get-StoreRoot *-b @s -IncludeSize).ClosureSize | Should -Be ($sizes.a + $sizes.b)
        (Get-StoreRoot *-b @s).ClosureSize | Should -BeNullOrEmpty
        (Get-StoreRoot *-x @s -IncludeSize).ClosureSize | Should -BeNullOrEmpty
    }

    It 'Shows what this session holds itself' {
        $held = Protect-StorePath *-a @s
        try {
            $root = Get-StoreRoot @s -Kind Temporary
            $root.Pid, $root.Path, $root.State | Should -Be $PID, $small.PathOf('a'), 'Active'
        }
        finally {
            $held.Dispose()
        }

        Get-StoreRoot @s -Kind Temporary | Should -BeNullOrEmpty
    }

    It 'Completes kinds' {
        (TabExpansion2 'Get-StoreRoot -Kind ').CompletionMatches.CompletionText | Should -Contain 'Runtime'
    }
}
