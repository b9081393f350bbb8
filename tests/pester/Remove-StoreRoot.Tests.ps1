BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1

    function Get-Tree { find $small.Root -printf '%P %y %m %s %T@ %l\n' | Sort-Object }
}

Describe 'Remove-StoreRoot' {
    BeforeEach {
        $small = New-SmallStore "$TestDrive/$(New-Guid)" 'a', 'b'
        $s = @{ Store = $small.Root }
        $home2 = (New-Item -ItemType Directory "$($small.Root)/home").FullName
        $auto = "$($small.Root)/nix/var/nix/gcroots/auto"
        $root = New-StoreRoot *-a "$home2/result" @s -PassThru
        New-StoreRoot *-b "$home2/other" @s
        $null = $root
    }

    It 'Touches nothing with -WhatIf' {
        $before = Get-Tree
        Get-StoreRoot @s -Kind Permanent | Remove-StoreRoot -WhatIf
        Get-Tree | Should -Be $before
    }

    It 'Removes roots from the pipeline, with the links of their users' {
        Get-StoreRoot *-a @s | Remove-StoreRoot | Should -BeNullOrEmpty
        Get-ChildItem $home2 | ForEach-Object Name | Should -Be 'other'
        Get-ChildItem $auto | Should -HaveCount 1
    }

    It 'Removes by either link' {
        Remove-StoreRoot "$home2/result" @s
        Remove-StoreRoot -Link (Get-StoreRoot *-b @s).Link @s
        Get-ChildItem $home2, $auto | Should -BeNullOrEmpty
    }

    It 'Removes stale roots and no others' {
        rm "$home2/result"
        Get-StoreRoot @s | Where-Object Stale | Remove-StoreRoot
        (Get-StoreRoot @s -Kind Permanent).Path | Should -Be $small.PathOf('b')
    }

    It 'Refuses a root of a process, and names it' {
        $held = Protect-StorePath *-a @s
        try {
            Get-StoreRoot @s -Kind Temporary | Remove-StoreRoot -ErrorVariable failure -ErrorAction SilentlyContinue
        }
        finally {
            $held.Dispose()
        }

        $failure.FullyQualifiedErrorId | Should -Be 'RootNotRemovable,NixStore.PowerShell.Commands.RemoveStoreRootCommand'
        "$failure" | Should -BeLike "*$PID*"
        $failure.TargetObject.Kind | Should -Be 'Temporary'
    }

    It 'Refuses a generation, with the remedy' {
        $profiles = New-Item -ItemType Directory -Force "$($small.Root)/nix/var/nix/profiles"
        ln -s $small.PathOf('a') "$profiles/p-1-link"
        Get-StoreRoot @s | Where-Object Origin -EQ Profile | Remove-StoreRoot -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'RootNotRemovable,NixStore.PowerShell.Commands.RemoveStoreRootCommand'
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*Remove-StoreGeneration*'
    }

    It 'Is an error where there is none, and the others go on' {
        Remove-StoreRoot "$home2/none", "$home2/result" @s -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'RootNotFound,NixStore.PowerShell.Commands.RemoveStoreRootCommand'
        Test-Path "$home2/result" | Should -BeFalse
    }

    It 'Completes links' {
        $found = Get-Completion "Remove-StoreRoot -Store '$($small.Root)' -Link $(Split-Path -Leaf $root.Link)"
        $found.ListItemText | Should -Be $root.Link
    }
}
