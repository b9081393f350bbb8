BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    $small = New-SmallStore (Join-Path $TestDrive small) 'alpha', 'beta', 'what?=x', 'whatZ=x'
    $s = @{ Store = $small.Root }
    $keys = [Reflection.Assembly]::Load('NixStore.Engine').GetType('NixStore.Engine.Signatures.NixSecretKey')
    $key = $keys::Generate('tests-1')
    $stranger = $keys::Generate('stranger-1')
    $impostor = $keys::Generate('tests-1')
}

Describe 'Test-StorePath' {
    It 'Says true of a path that is all right' {
        Test-StorePath *-alpha @s | Should -BeTrue
        Test-StorePath $small.RealPathOf('alpha') @s | Should -BeTrue
    }

    It 'Answers for each path in the order asked for' {
        chmod u+w $small.RealPathOf('beta')
        try {
            Get-StorePath @s | Test-StorePath | Should -Be $true, $false, $true, $true
            $small.PathOf('beta'), $small.PathOf('alpha') | Test-StorePath @s | Should -Be $false, $true
            Test-StorePath -LiteralPath $small.PathOf('what?=x'), $small.PathOf('beta') @s -ThrottleLimit 1 | Should -Be $true, $false
        }
        finally {
            chmod u-w $small.RealPathOf('beta')
        }
    }

    It 'Answers many paths in their order' {
        $paths = 1..200 | ForEach-Object { $_ % 7 ? $small.PathOf('alpha') : '/nix/store/00000000000000000000000000000000-x' }
        $paths | Test-StorePath @s | Should -Be (1..200 | ForEach-Object { [bool] ($_ % 7) })
    }

    It 'Says false of what is not registered, and with -Detailed that it is not there' {
        Test-StorePath /nix/store/00000000000000000000000000000000-x @s -ErrorAction Stop | Should -BeFalse
        Test-StorePath *-nothing @s -ErrorAction Stop | Should -BeFalse
        { Test-StorePath /nix/store/00000000000000000000000000000000-x @s -Detailed -ErrorAction Stop } |
            Should -Throw -ErrorId 'StorePathNotFound,NixStore.PowerShell.Commands.TestStorePathCommand'
    }

    It 'Is an error for what cannot be a path of the store' {
        $answer = Test-StorePath nonsense, *-alpha @s -ErrorVariable failure -ErrorAction SilentlyContinue
        $answer | Should -BeTrue
        $failure.FullyQualifiedErrorId | Should -Be 'InvalidStorePath,NixStore.PowerShell.Commands.TestStorePathCommand'
    }

    It 'Gives the findings with -Detailed' {
        $path = Test-StorePath *-alpha @s -Detailed
        $path.GetType().FullName | Should -Be 'NixStore.StorePathInfo'
        $path.ContentsChecked | Should -BeTrue
        $path.Problems | Should -BeNullOrEmpty
    }

    It 'Finds changed contents, wrong sizes and malformed rows' {
        $damaged = New-SmallStore (Join-Path $TestDrive damaged) 'one', 'two', 'three', 'four'
        chmod u+w $damaged.RealPathOf('one'); Set-Content $damaged.RealPathOf('one') 'eins'
        Invoke-StoreSql $damaged.Root "update ValidPaths set narSize = narSize + 1 where path like '%-two'; update ValidPaths set sigs = 'garbage' where path like '%-three'"
        Get-StorePath -Store $damaged.Root | Test-StorePath | Should -Be $false, $false, $false, $true
        $kinds = (Get-StorePath -Store $damaged.Root | Test-StorePath -Detailed).Problems.Kind
        $kinds | Should -Contain 'HashMismatch'
        $kinds | Should -Contain 'RowSize'
        $kinds | Should -Contain 'RowSignature'
    }

    It 'Takes an empty store directory for one that is not mounted' {
        $empty = New-SmallStore (Join-Path $TestDrive empty) 'one', 'two'
        Remove-Item -Force (Join-Path $empty.Root nix store *)
        { Test-StorePath * -Store $empty.Root } | Should -Throw -ErrorId 'StoreDirectoryEmpty,*'
    }

    It 'Stops at once with Ctrl+C' {
        $big = New-SmallStore (Join-Path $TestDrive big) 'one'
        # Nobody reads that much in an hour. It is being read when it is open.
        truncate -s 8T $big.RealPathOf('one') 2> $null || truncate -s 1T $big.RealPathOf('one')
        $name = Split-Path -Leaf $big.RealPathOf('one')
        (Measure-StoreStop "Test-StorePath * -Store '$($big.Root)'" { (Get-ChildItem /proc/self/fd -ErrorAction Ignore).LinkTarget -like "*/$name" }).TotalSeconds | Should -BeLessThan $soon
        Remove-Item -Force $big.RealPathOf('one')
    }

    It 'Works in parallel' {
        $root = $small.Root
        1..4 | ForEach-Object -Parallel { Import-Module $using:manifest; (Get-StorePath -Store $using:root | Test-StorePath) -notcontains $false } |
            Should -Be $true, $true, $true, $true
    }
}

Describe 'Test-StorePath and references' {
    It 'Finds one that the database does not have' {
        $lost = New-SmallStore (Join-Path $TestDrive lost) 'one', 'two', 'three'
        Invoke-StoreSql $lost.Root "delete from Refs where referrer = (select id from ValidPaths where path like '%-two')"
        (Get-StorePath -Store $lost.Root -CheckContents).Invalid | Should -Not -Contain $true
        Get-StorePath -Store $lost.Root | Test-StorePath | Should -Be $true, $false, $true
        $problem = (Test-StorePath *-two -Store $lost.Root -Detailed).Problems
        $problem.Kind | Should -Be 'RowReference'
        $problem.Expected | Should -Be $lost.PathOf('one')
    }

    It 'Does not mind one that the contents do not have' {
        $more = New-SmallStore (Join-Path $TestDrive more) 'one', 'two'
        Invoke-StoreSql $more.Root "insert into Refs select a.id, b.id from ValidPaths a, ValidPaths b where a.path like '%-one' and b.path like '%-two'"
        Test-StorePath *-one -Store $more.Root | Should -BeTrue
    }

    It 'Believes a trusted signature' {
        $signed = New-SmallStore (Join-Path $TestDrive signed) 'one'
        $null = $signed.Add('mentions', @(), $signed.PathOf('one'), $key)
        Test-StorePath *-mentions -Store $signed.Root | Should -BeFalse
        Test-StorePath *-mentions -Store $signed.Root -TrustedPublicKey $key.PublicKey | Should -BeTrue
    }
}

Describe 'Test-StorePath -TrustedPublicKey' {
    BeforeAll {
        $trust = New-SmallStore (Join-Path $TestDrive trust) 'unsigned', 'local'
        $null = $trust.Add('signed', @('local'), '', $key)
        $null = $trust.Add('forged', @(), '', $impostor)
        $null = $trust.Add('strange', @(), '', $stranger)
        Invoke-StoreSql $trust.Root "update ValidPaths set ultimate = 1 where path like '%-local'"
        $t = @{ Store = $trust.Root }
    }

    It 'Wants each path built here or signed by one of the keys' {
        Get-StorePath @t | Test-StorePath -TrustedPublicKey $key.PublicKey | Should -Be $false, $true, $true, $false, $false
        Get-StorePath @t | Test-StorePath -TrustedPublicKey $stranger.PublicKey, $key.PublicKey | Should -Be $false, $true, $true, $false, $true
    }

    It 'Does not ask for signatures without it' {
        Get-StorePath @t | Test-StorePath | Should -Be $true, $true, $true, $true, $true
    }

    It 'Calls a path untrusted, not damaged' {
        $path = Test-StorePath *-forged @t -TrustedPublicKey $key.PublicKey -Detailed
        $path.Problems.Kind | Should -Be 'Untrusted'
        $path.State | Should -Be 'Valid'
        $path.Invalid | Should -BeFalse
    }

    It 'Does not believe a signature over something else' {
        $changed = New-SmallStore (Join-Path $TestDrive changed) 'one'
        $null = $changed.Add('two', @('one'), '', $key)
        Invoke-StoreSql $changed.Root 'delete from Refs'
        $kinds = (Test-StorePath *-two -Store $changed.Root -TrustedPublicKey $key.PublicKey -Detailed).Problems.Kind
        $kinds | Should -Be 'RowReference', 'Untrusted'
    }

    It 'Refuses what is no key, and never repeats a secret one' {
        { Test-StorePath * @t -TrustedPublicKey nonsense } | Should -Throw -ErrorId 'InvalidPublicKey,*'
        $file = Join-Path $TestDrive secret
        $key.Save($file)
        $secret = Get-Content $file
        { Test-StorePath * @t -TrustedPublicKey $secret } | Should -Throw -ErrorId 'InvalidPublicKey,*'
        "$($Error[0])" | Should -Not -Match ([regex]::Escape($secret.Substring(10)))
    }
}
