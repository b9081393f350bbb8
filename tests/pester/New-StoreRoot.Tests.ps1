BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    $small = New-SmallStore (Join-Path $TestDrive small) 'a', 'b'
    $s = @{ Store = $small.Root }
    $home2 = (New-Item -ItemType Directory "$($small.Root)/home").FullName
    $state = "$($small.Root)/nix/var/nix"

    function Get-Tree { find $small.Root -printf '%P %y %m %s %T@ %l\n' | Sort-Object }
}

Describe 'New-StoreRoot' {
    It 'Touches nothing with -WhatIf' {
        $before = Get-Tree
        New-StoreRoot *-a "$home2/result" @s -WhatIf
        Get-Tree | Should -Be $before
    }

    It 'Makes both links, silently' {
        New-StoreRoot $small.PathOf('a') "$home2/result" @s | Should -BeNullOrEmpty
        (Get-Item "$home2/result").LinkTarget | Should -Be $small.PathOf('a')
        Get-ChildItem "$state/gcroots/auto" | ForEach-Object LinkTarget | Should -Be '/home/result'
    }

    It 'Takes an object and gives the root with -PassThru; relative links count from the location' {
        Push-Location $home2
        try {
            $root = Get-StorePath *-b @s | New-StoreRoot -Link ./b -PassThru
        }
        finally {
            Pop-Location
        }

        $root.Path, $root.Target, $root.State | Should -Be $small.PathOf('b'), '/home/b', 'Active'
        Get-StoreRoot *-b @s | Should -Be $root
    }

    It 'Replaces with -Force only' {
        New-StoreRoot *-b "$home2/result" @s -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'RootLinkExists,NixStore.PowerShell.Commands.NewStoreRootCommand'
        New-StoreRoot *-b "$home2/result" @s -Force
        (Get-Item "$home2/result").LinkTarget | Should -Be $small.PathOf('b')
    }

    It 'Is <id> for <path> at <link>' -ForEach @(
        @{ path = '/nix/store/00000000000000000000000000000000-x'; link = 'home/x'; id = 'StorePathNotFound' }
        @{ path = '*-none'; link = 'home/x'; id = 'StorePathNotFound' }
        @{ path = 'nonsense'; link = 'home/x'; id = 'InvalidStorePath' }
        @{ path = '*-a'; link = '../outside'; id = 'RootLinkOutsideStoreRoot' }
        @{ path = '*-a'; link = 'nix/store/x'; id = 'RootLinkInStore' }
        @{ path = '*-a'; link = 'no/x'; id = 'PathNotFound' }
        @{ path = '*'; link = 'home/many'; id = 'RootLinkExists' }
    ) {
        New-StoreRoot $path "$($small.Root)/$link" @s -Force -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be "$id,NixStore.PowerShell.Commands.NewStoreRootCommand"
        Get-ChildItem "$state/temproots" | Should -BeNullOrEmpty
    }
}
