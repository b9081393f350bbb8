BeforeDiscovery {
    $withNginx = [bool] (Get-Command nginx, /usr/sbin/nginx -ErrorAction Ignore)
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest

    # A file cache of narinfos that say no more than they must.
    function Write-NarInfoCache([string] $Directory, [int] $Count) {
        $null = New-Item -ItemType Directory -Force $Directory
        Set-Content (Join-Path $Directory nix-cache-info) 'StoreDir: /nix/store'
        foreach ($number in 1..$Count) { Write-NarInfo $Directory $number }
    }

    function Get-HashPart([int] $Number) { 'b' + "$Number".PadLeft(31, '0') }

    function Write-NarInfo([string] $Directory, [int] $Number, [string] $Name = "package-$Number") {
        Set-Content (Join-Path $Directory "$(Get-HashPart $Number).narinfo") "StorePath: /nix/store/$(Get-HashPart $Number)-$Name", "URL: nar/$Number.nar.xz", 'Compression: xz',
            'NarHash: sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73', "NarSize: $(100 + $Number)"
    }

    function Get-FolderHash([string] $Directory) { Get-ChildItem -Recurse -File $Directory | Sort-Object FullName | Get-FileHash | ForEach-Object { "$($_.Path) $($_.Hash)" } }
}

Describe 'Update-BinaryCacheCatalog' {
    BeforeEach {
        $directory = Join-Path $TestDrive "cache-$([guid]::NewGuid())"
        Write-NarInfoCache $directory 20
        $catalog = "$directory.catalog"
        $null = Import-BinaryCacheInventory -BinaryCache "file://$directory" -Catalog $catalog
    }

    It 'Fetches what is new, what has changed, and nothing else' {
        (Update-BinaryCacheCatalog $catalog).ReadCount | Should -Be 20
        Write-NarInfo $directory 3 other-3.0
        Write-NarInfo $directory 21
        Remove-Item (Join-Path $directory "$(Get-HashPart 5).narinfo")
        $null = Import-BinaryCacheInventory -BinaryCache "file://$directory" -Catalog $catalog
        $result = Update-BinaryCacheCatalog $catalog
        $result.PathCount, $result.ReadCount, $result.RemovedCount, $result.SkippedCount | Should -Be 20, 2, 2, 0
        (Find-BinaryCachePath other-* -Catalog $catalog).HashPart | Should -Be (Get-HashPart 3)
        Find-BinaryCachePath -Catalog $catalog -HashPart (Get-HashPart 5) | Should -BeNullOrEmpty
    }

    It 'Takes its catalog from the pipeline' {
        $result = Import-BinaryCacheInventory -BinaryCache "file://$directory" -Catalog $catalog | Update-BinaryCacheCatalog
        $result.Catalog, $result.ReadCount | Should -Be $catalog, 20
    }

    It 'Says with -WhatIf how much there is to do, and touches nothing' {
        $before = Get-FolderHash $catalog
        $said = Invoke-FreshPowerShell { param($module, $folder) Import-Module $module; Start-Transcript "$folder.log" | Out-Null; Update-BinaryCacheCatalog $folder -WhatIf; Stop-Transcript | Out-Null; Get-Content -Raw "$folder.log" } $catalog
        "$said" -replace '\s+', ' ' | Should -BeLike "*Fetch 20 narinfos from 'file://$directory' and remove 0*"
        Get-FolderHash $catalog | Should -Be $before
    }

    It 'Keeps to a rate' {
        $result = Update-BinaryCacheCatalog $catalog -MaximumRequestRate 20
        $result.ReadCount | Should -Be 20
        $result.Duration | Should -BeGreaterThan ([timespan]::FromSeconds(0.8))
    }

    It 'Says which could not be had, and asks for them again' {
        $file = Join-Path $directory "$(Get-HashPart 7).narinfo"
        Remove-Item $file
        $null = New-Item -ItemType Directory $file
        $result = Update-BinaryCacheCatalog $catalog -ErrorVariable problem -ErrorAction SilentlyContinue
        $result.ReadCount, $result.SkippedCount, $result.FindingCount | Should -Be 19, 1, 0
        $problem.FullyQualifiedErrorId | Should -Be 'NarInfosSkipped,NixStore.PowerShell.Commands.UpdateBinaryCacheCatalogCommand'
        Remove-Item $file
        Write-NarInfo $directory 7
        (Update-BinaryCacheCatalog $catalog).ReadCount | Should -Be 1
    }

    It 'Refuses a cache of another store directory' {
        Set-Content (Join-Path $directory nix-cache-info) 'StoreDir: /gnu/store'
        { Update-BinaryCacheCatalog $catalog -ErrorAction Stop } | Should -Throw -ErrorId 'StoreDirectoryMismatch,NixStore.PowerShell.Commands.UpdateBinaryCacheCatalogCommand'
    }

    It 'Refuses <name>' -ForEach @(
        @{ name = 'no request at once'; parameters = @{ ThrottleLimit = 0 } }
        @{ name = 'no request a second'; parameters = @{ MaximumRequestRate = 0 } }
    ) {
        { Update-BinaryCacheCatalog $catalog @parameters } | Should -Throw -ErrorId 'ParameterArgumentValidationError,NixStore.PowerShell.Commands.UpdateBinaryCacheCatalogCommand'
    }

    It 'Waits for nobody who writes already' {
        $held = [IO.File]::Open((Join-Path $catalog catalog.lock), 'Open', 'ReadWrite', 'None')
        try {
            { Update-BinaryCacheCatalog $catalog -ErrorAction Stop } | Should -Throw -ErrorId 'CatalogLocked,NixStore.PowerShell.Commands.UpdateBinaryCacheCatalogCommand'
        } finally {
            $held.Dispose()
        }
    }

    It 'Fetches from a web server that refuses one and damages another' -Skip:(-not $withNginx) {
        $nginx = (Get-Command nginx, /usr/sbin/nginx -ErrorAction Ignore)[0].Source
        $port = Get-FreePort
        $state = (New-Item -ItemType Directory "$directory.nginx").FullName
        $temporary = 'client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi' | ForEach-Object { "$($_)_temp_path $state/$_;" }
        Set-Content "$state/conf" @"
daemon off; pid $state/pid; error_log $state/error.log; user root;
events {}
http {
  access_log off; $temporary
  server {
    listen 127.0.0.1:$port; root $directory;
    location = /$(Get-HashPart 2).narinfo { return 403; }
    location = /$(Get-HashPart 3).narinfo { return 200 "StorePath: /nix/store/$(Get-HashPart 4)-other\n"; }
  }
}
"@
        $server = Start-Process $nginx '-c', "$state/conf" -PassThru
        try {
            $address = "http://127.0.0.1:$port"
            Wait-Condition { $server.HasExited -or $(try { Invoke-WebRequest "$address/nix-cache-info" } catch { $null }) }
            $result = Update-BinaryCacheCatalog $catalog -BinaryCache $address -ThrottleLimit 8
            $result.Source, $result.ReadCount, $result.FindingCount, $result.SkippedCount | Should -Be $address, 18, 1, 1
            (Update-BinaryCacheCatalog $catalog -BinaryCache $address).ReadCount | Should -Be 0
        } finally {
            # With the process that serves, which would stay when the first one is killed alone.
            $server.Kill($true)
        }
    }
}
