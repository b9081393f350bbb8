BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    $small = New-SmallStore (Join-Path $TestDrive small) 'alpha', 'beta'
    $other = New-SmallStore (Join-Path $TestDrive other) 'alpha'
}

Describe 'Get-NixStore' {
    It 'Says where the store is and how much is in it' {
        $store = Get-NixStore $small.Root
        $store.Store | Should -Be $small.Url
        $store.Directory | Should -Be '/nix/store'
        $store.RealDirectory | Should -Be (Join-Path $small.Root nix store)
        $store.StateDirectory | Should -Be (Join-Path $small.Root nix var nix)
        $store.Schema | Should -Be 10
        $store.PathCount | Should -Be 2
        $store.NarSize | Should -Be (Get-StorePath -Store $small.Root | Measure-Object NarSize -Sum).Sum
        $store.FreeSpace | Should -BeGreaterThan 0
        $store.IsReadOnly, $store.IsMountedReadOnly, $store.IsInUse, $store.IsOptimised | Should -Be $false, $false, $false, $false
        $store.Problems | Should -BeNullOrEmpty
    }

    It 'Takes stores by value, and one that is none is one error' {
        $stores = $small.Root, "$TestDrive/nowhere", $other.Root | Get-NixStore -ErrorVariable failure -ErrorAction SilentlyContinue
        $stores.PathCount | Should -Be 2, 1
        $failure.FullyQualifiedErrorId | Should -Be 'DatabaseNotFound,NixStore.PowerShell.Commands.GetNixStoreCommand'
    }

    It 'Takes directories and objects' {
        (Get-Item $small.Root, $other.Root | Get-NixStore).PathCount | Should -Be 2, 1
        (Get-StorePath *-beta -Store $small.Root | Get-NixStore).Store | Should -Be $small.Url
    }

    It 'Takes a store read-only' {
        $store = Get-NixStore "local?root=$($small.Root)&read-only=true"
        $store.IsReadOnly | Should -BeTrue
        (Get-StorePath -Store $store.Store).Count | Should -Be 2
    }

    It 'Sees who has the database open' {
        $start = [Diagnostics.ProcessStartInfo]::new('sqlite3', "$($small.Root)/nix/var/nix/db/db.sqlite")
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
        $process = [Diagnostics.Process]::Start($start)
        try {
            $process.StandardInput.WriteLine('select count(*) from ValidPaths;')
            $process.StandardOutput.ReadLine() | Should -Be 2
            (Get-NixStore $small.Root).IsInUse | Should -BeTrue
        }
        finally {
            $process.StandardInput.Close()
            $process.WaitForExit()
        }
        (Get-NixStore $small.Root).IsInUse | Should -BeFalse
    }

    It 'Sees links' {
        $linked = New-SmallStore (Join-Path $TestDrive linked) 'alpha'
        $null = New-Item -Force (Join-Path $linked.Root nix store .links 0000000000000000000000000000000000000000000000000000)
        (Get-NixStore $linked.Root).IsOptimised | Should -BeTrue
    }

    It 'Tells what is wrong in passing' {
        $broken = New-SmallStore (Join-Path $TestDrive broken) 'alpha'
        Remove-Item (Join-Path $broken.Root nix var nix db schema)
        Remove-Item -Recurse -Force (Join-Path $broken.Root nix store)
        $store = Get-NixStore $broken.Root
        $store.Problems | Should -HaveCount 2
        $store.FreeSpace | Should -BeNullOrEmpty
        $store.Schema | Should -BeNullOrEmpty
    }

    It 'Refuses <url>' -ForEach @(
        @{ url = 'https://cache.nixos.org'; id = 'StoreNotLocal' }
        @{ url = 'local?colour=red'; id = 'InvalidStoreUrl' }
    ) {
        { Get-NixStore $url -ErrorAction Stop } | Should -Throw -ErrorId "$id,NixStore.PowerShell.Commands.GetNixStoreCommand"
    }
}
