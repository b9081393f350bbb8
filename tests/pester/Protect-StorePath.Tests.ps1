BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    $small = New-SmallStore (Join-Path $TestDrive small) 'a', 'b'
    $s = @{ Store = $small.Root }

    function Get-Held { Get-StoreRoot @s -Kind Temporary | ForEach-Object Path | Sort-Object }
}

Describe 'Protect-StorePath' {
    AfterEach {
        ${held}?.Dispose()
        Get-Held | Should -BeNullOrEmpty
    }

    It 'Touches nothing with -WhatIf' {
        Protect-StorePath * @s -WhatIf | Should -BeNullOrEmpty
        Get-ChildItem "$($small.Root)/nix/var/nix/temproots" -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'Holds the paths of a pipeline in one object until that is disposed' {
        $held = Get-StorePath @s | Protect-StorePath
        $held | Should -HaveCount 1
        $held.GetType().FullName | Should -Be 'NixStore.StorePathProtection'
        $held.Path | Sort-Object | Should -Be (Get-Held)
        $held.Path | Should -HaveCount 2
        $held.Pid, $held.Active | Should -Be $PID, $true
        $held.Dispose()
        $held.Active | Should -BeFalse
    }

    It 'Leaves out what is not valid, with an error' {
        $held = Protect-StorePath /nix/store/00000000000000000000000000000000-x, *-a @s -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'StorePathNotFound,NixStore.PowerShell.Commands.ProtectStorePathCommand'
        Get-Held | Should -Be $small.PathOf('a')
    }

    It 'Holds while a script block runs, which gets the paths' {
        Protect-StorePath *-a, *-b @s -ScriptBlock { param($one, $two) $one; $two; Get-Held | ForEach-Object { "held $_" } } | Sort-Object |
            Should -Be @(@($small.PathOf('a'), $small.PathOf('b')) + @($small.PathOf('a'), $small.PathOf('b') | ForEach-Object { "held $_" }) | Sort-Object)
    }

    It 'Lets go when the script block fails' {
        { Protect-StorePath *-a @s { throw 'boom' } } | Should -Throw 'boom'
    }
}
