BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/catalogs.ps1
    . $PSScriptRoot/hydra.ps1
    $failed = 'NixStore.PowerShell.Commands.ImportHydraBuildOutputCommand'
    $postgres = Start-HydraDatabase
    $dump = Join-Path $TestDrive outputs.csv
    Set-Content $dump "build,stepnr,name,path`n1,1,out,/nix/store/$(Get-SampleHashPart 1)-lib-1.0`n2,1,out,/nix/store/$(Get-SampleHashPart 1)-lib-1.0`n2,2,out,`n2,3,out,/gnu/x"
}

AfterAll { Stop-HydraDatabase $postgres }

Describe 'Import-HydraBuildOutput' {
    It 'Reads a dump, and knows it the next time' {
        $catalog = Join-Path $TestDrive dump.catalog
        $import = Get-Item $dump | Import-HydraBuildOutput -Catalog $catalog
        $import | Should -BeOfType NixStore.HydraBuildOutputImport
        $import.PathCount, $import.RowCount, $import.SkippedCount | Should -Be 1, 3, 1
        $import.Catalog | Should -Be $catalog
        Import-HydraBuildOutput -Path $dump -Catalog $catalog | Should -BeNullOrEmpty
        (Import-HydraBuildOutput -Path $dump -Catalog $catalog -All).PathCount | Should -Be 1
        $import | Out-String | Should -Match 'Catalog: .*dump\.catalog'
    }

    It 'Reads the database' {
        if (-not $postgres) { Set-ItResult -Skipped -Because 'POSTGRESQL MISSING' }
        Invoke-HydraDatabase $postgres @"
insert into builds (id, finished, timestamp, jobset_id, job, drvPath, system, startTime, stopTime) values (1, 1, 1, 1, 'j', 'd', 'x86_64-linux', 1, 1);
insert into buildsteps (build, stepnr, type, drvPath, busy, status, system, stopTime) values (1, 1, 0, 'd', 0, 0, 'x86_64-linux', 1700000000);
insert into buildstepoutputs values (1, 1, 'out', '/nix/store/$(Get-SampleHashPart 1)-lib-1.0'), (1, 1, 'dev', null);
"@
        $catalog = Join-Path $TestDrive database.catalog
        $import = Import-HydraBuildOutput $postgres.Address -Catalog $catalog
        $import.PathCount, $import.RowCount | Should -Be 1, 1
        $import.Source | Should -Be "postgresql://127.0.0.1:$($postgres.Port)/hydra"
        Import-HydraBuildOutput $postgres.Address -Catalog $catalog | Should -BeNullOrEmpty
        try {
            $env:HYDRA_DBI = "dbi:Pg:dbname=hydra;host=127.0.0.1;port=$($postgres.Port);user=postgres;"
            (Import-HydraBuildOutput -Catalog $catalog -All).PathCount | Should -Be 1
        }
        finally {
            Remove-Item Env:HYDRA_DBI
        }
    }

    It 'Makes nothing with -WhatIf' {
        $catalog = Join-Path $TestDrive nothing.catalog
        Import-HydraBuildOutput -Path $dump -Catalog $catalog -WhatIf | Should -BeNullOrEmpty
        $catalog | Should -Not -Exist
    }

    It 'Says what is wrong' {
        $catalog = Join-Path $TestDrive wrong.catalog
        Set-Content (Join-Path $TestDrive wrong.csv) "hello`nworld"
        { Import-HydraBuildOutput -Path (Join-Path $TestDrive wrong.csv) -Catalog $catalog -ErrorAction Stop } | Should -Throw -ErrorId "HydraDumpCorrupt,$failed"
        { Import-HydraBuildOutput -Path (Join-Path $TestDrive absent.csv) -Catalog $catalog -ErrorAction Stop } | Should -Throw -ErrorId "HydraDumpNotFound,$failed"
        { Import-HydraBuildOutput -Catalog $catalog -ErrorAction Stop } | Should -Throw -ErrorId "HydraAddressInvalid,$failed"
        { Import-HydraBuildOutput 'postgresql://127.0.0.1:1/hydra' -Catalog $catalog -ErrorAction Stop } | Should -Throw -ErrorId "HydraConnectionFailed,$failed"
    }
}
