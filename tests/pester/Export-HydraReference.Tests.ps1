BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/catalogs.ps1
    . $PSScriptRoot/hydra.ps1
    $failed = 'NixStore.PowerShell.Commands.ExportHydraReferenceCommand'
    $postgres = Start-HydraDatabase
    $catalog = New-SampleCatalog export
}

AfterAll { Stop-HydraDatabase $postgres }

Describe 'Export-HydraReference' {
    It 'Writes nothing with -WhatIf, then all of it, then nothing again' {
        if (-not $postgres) { Set-ItResult -Skipped -Because 'POSTGRESQL MISSING' }
        Export-HydraReference $postgres.Address -Catalog $catalog -WhatIf | Should -BeNullOrEmpty
        Invoke-HydraDatabase $postgres "select count(*) from information_schema.schemata where schema_name = 'nixstore'" | Should -Be 0
        $export = Export-HydraReference $postgres.Address -Catalog $catalog
        $export | Should -BeOfType NixStore.HydraReferenceExport
        $export.AddedCount, $export.ChangedCount, $export.RemovedCount | Should -Be 3, 0, 0
        $export | Out-String | Should -Match 'Added'
        Invoke-HydraDatabase $postgres "select reference from nixstore.reference where referrer = '$(Get-SampleHashPart 2)' order by 1" |
            Should -Be (Get-SampleHashPart 1), (Get-SampleHashPart 9)
        (Export-HydraReference $postgres.Address -Catalog $catalog -BatchSize 1).AddedCount | Should -Be 0
    }

    It 'Gives the closure of a build by the query in the help' {
        if (-not $postgres) { Set-ItResult -Skipped -Because 'POSTGRESQL MISSING' }
        $null = Export-HydraReference $postgres.Address -Catalog $catalog
        Invoke-HydraDatabase $postgres @"
insert into builds (id, finished, timestamp, jobset_id, job, drvPath, system, startTime, stopTime) values (123456, 1, 1, 1, 'j', 'd', 'x86_64-linux', 1, 1);
insert into buildsteps (build, stepnr, type, drvPath, busy, status) values (123456, 1, 0, 'd', 0, 0);
insert into buildstepoutputs values (123456, 1, 'out', '/nix/store/$(Get-SampleHashPart 2)-app-1.0');
"@
        $query = (Get-Help Export-HydraReference).examples.example[1].code -replace '(?s)^.*?"(.*)"\s*$', '$1'
        Invoke-HydraDatabase $postgres $query | Should -Be '2|300'
    }

    It 'Says what is wrong' {
        { Export-HydraReference 'postgresql://127.0.0.1:1/hydra' -Catalog $catalog -ErrorAction Stop } | Should -Throw -ErrorId "HydraConnectionFailed,$failed"
        { Export-HydraReference nonsense -Catalog $catalog -ErrorAction Stop } | Should -Throw -ErrorId "HydraAddressInvalid,$failed"
        { Export-HydraReference 'postgresql://127.0.0.1:1/hydra' -Catalog $TestDrive -ErrorAction Stop } | Should -Throw -ErrorId "CatalogNotFound,$failed"
    }
}
