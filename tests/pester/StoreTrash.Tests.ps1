BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1

    function Get-Tree { find $small.Root -printf '%P %y %m %s %T@ %l\n' | Sort-Object }
}

Describe 'The trash' {
    BeforeEach {
        $small = New-SmallStore "$TestDrive/$(New-Guid)" 'a', 'b', 'c'
        $s = @{ Store = $small.Root }
        $collection = Invoke-StoreGarbageCollection @s -Trash -Confirm:$false
        $names = 'c', 'b', 'a'
    }

    It 'Has what was collected, referrers first' {
        $collection.Trashed | Should -BeTrue
        $collection.RemovedCount | Should -Be 3
        $items = Get-StoreTrash @s
        $items.Name | Should -Be $names
        $items | ForEach-Object { $_ | Should -BeOfType NixStore.StoreTrashItem }
        $items.State | Should -Be (@('Trashed') * 3)
        $items.Id | Sort-Object -Unique | Should -Be $collection.Id
        Get-StorePath @s | Should -BeNullOrEmpty
    }

    It 'Finds by name, path, collection and wildcard' {
        (Get-StoreTrash @s b).Name | Should -Be 'b'
        (Get-StoreTrash @s '*-[ab]').Name | Should -Be 'b', 'a'
        (Get-StoreTrash @s -LiteralPath $small.PathOf('c')).Name | Should -Be 'c'
        Get-StoreTrash @s -Id nothing | Should -BeNullOrEmpty
    }

    It 'Completes collections' {
        $line = "Get-StoreTrash -Store $($small.Root) -Id "
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be $collection.Id
    }

    It 'Touches nothing with -WhatIf, nor by looking' {
        $before = Get-Tree
        Get-StoreTrash @s | Out-Null
        Get-StoreTrash @s | Restore-StoreTrash -WhatIf
        Clear-StoreTrash @s -WhatIf
        Get-Tree | Should -Be $before
    }

    It 'Restores from the pipeline, each thing once, what is needed first' {
        $results = Get-StoreTrash @s | Restore-StoreTrash
        $results.Outcome | Should -Be (@('Restored') * 3)
        $results.Path | Should -Be ($small.PathOf('a'), $small.PathOf('b'), $small.PathOf('c'))
        Get-StorePath @s -CheckContents | ForEach-Object State | Should -Be (@('Valid') * 3)
        Get-StoreTrash @s | Should -BeNullOrEmpty
    }

    It 'Restores one with what it needs' {
        (Restore-StoreTrash @s -Path b).Path | Should -Be ($small.PathOf('a'), $small.PathOf('b'))
        (Get-StoreTrash @s).Name | Should -Be 'c'
        (Get-StorePath @s -Path *-b).References | Should -Contain $small.PathOf('a')
    }

    It 'Names what is not there' {
        Restore-StoreTrash @s -Path nothing -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'TrashItemNotFound,NixStore.PowerShell.Commands.RestoreStoreTrashCommand'
        Clear-StoreTrash @s -Id nothing -Confirm:$false -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'TrashItemNotFound,NixStore.PowerShell.Commands.ClearStoreTrashCommand'
    }

    It 'Does not restore what was damaged, and goes on with the rest' {
        $item = Get-StoreTrash @s a
        chmod -R u+w $item.RealPath
        Set-Content (Get-ChildItem -File -Recurse $item.RealPath | Select-Object -First 1) damaged
        $results = Get-StoreTrash @s | Restore-StoreTrash -ErrorVariable failure -ErrorAction SilentlyContinue
        $results | Should -BeNullOrEmpty
        $failure | ForEach-Object FullyQualifiedErrorId | Sort-Object -Unique | Should -Be 'TrashDamaged,NixStore.PowerShell.Commands.RestoreStoreTrashCommand'
        Get-StoreTrash @s | Should -HaveCount 3
        (Restore-StoreTrash @s -SkipVerification).Outcome | Should -Be (@('Restored') * 3)
    }

    It 'Clears by age, from the pipeline, and all' {
        Clear-StoreTrash @s -OlderThan 1d -Confirm:$false -PassThru | Should -BeNullOrEmpty
        (Get-StoreTrash @s c | Clear-StoreTrash -Confirm:$false -PassThru).Path | Should -Be $small.PathOf('c')
        Clear-StoreTrash @s -Confirm:$false | Should -BeNullOrEmpty
        Get-StoreTrash @s | Should -BeNullOrEmpty
        Get-ChildItem "$($small.Root)/nix/.nixstore-trash" -Force | Should -BeNullOrEmpty
    }

    It 'Has views that fit' {
        Get-StoreTrash @s | Out-String -Width 120 | Should -Match 'Trashed +\d'
        Restore-StoreTrash @s | Out-String -Width 120 | Should -Match 'Restored'
    }
}
