BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/catalogs.ps1
    $old = [datetime]'2025-01-01T00:00:00Z'

    # What stays and what goes: an image is shared by name of its NAR, another is a root, a third is referred to.
    function New-PruneCache {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
        param([string] $Name)
        $directory = Join-Path $TestDrive "$Name-cache"
        $cache = New-SampleCache $directory @(
            @{ Name = 'hello-2.12'; Time = $old }
            @{ Name = 'nixos-minimal-1.iso'; Size = 1000; Time = $old }
            @{ Name = 'nixos-minimal-2.iso'; Size = 1100; Time = $old; References = "$(Get-SampleHashPart 1)-hello-2.12" }
            @{ Name = 'nixos-kept-3.iso'; Size = 1200; Time = $old }
            @{ Name = 'user-1.0'; Time = $old; References = "$(Get-SampleHashPart 6)-nixos-used-4.iso" }
            @{ Name = 'nixos-used-4.iso'; Size = 900; Time = $old }
            @{ Name = 'nixos-new-5.iso'; Size = 900; Time = [datetime]::UtcNow }
            @{ Name = 'nixos-source-6.iso'; Fixed = $true; Time = $old }
        )
        $null = New-Item -ItemType Directory (Join-Path $directory log), (Join-Path $directory debuginfo)
        Set-Content (Join-Path $directory "$(Get-SampleHashPart 2).ls") '{}'
        Set-Content (Join-Path $directory debuginfo 00ff) '{"archive":"../nar/2.nar.xz","member":"x"}'
        Set-Content (Join-Path $directory nar lost.nar.xz) 'lost'
        Get-ChildItem $directory -Recurse -File | Where-Object LastWriteTime -GT ([datetime]::Now.AddMinutes(-10)) |
            Where-Object { $_.Name -ne "$(Get-SampleHashPart 7).narinfo" -and $_.Name -ne '7.nar.xz' } | ForEach-Object { $_.LastWriteTimeUtc = $old }
        $cache
    }

    function New-PruneCatalog {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
        param([string] $Name)
        $catalog = Join-Path $TestDrive "$Name.catalog"
        $null = Import-BinaryCacheInventory -BinaryCache (New-PruneCache $Name) -Catalog $catalog
        $null = Update-BinaryCacheCatalog $catalog
        $null = Add-BinaryCacheRoot -Path "/nix/store/$(Get-SampleHashPart 4)-nixos-kept-3.iso" -Catalog $catalog
        $catalog
    }

    $catalog = New-PruneCatalog prune
    function Get-PlanPath { Join-Path $TestDrive "$([guid]::NewGuid()).plan" }
    function Get-FolderHash([string] $Directory) { Get-ChildItem -Recurse -File $Directory | Sort-Object FullName | Get-FileHash | ForEach-Object { "$($_.Path) $($_.Hash)" } }
}

Describe 'Get-BinaryCachePruneClass' {
    It 'Lists those of the module, and gives them by name' {
        $classes = Get-BinaryCachePruneClass
        $classes | Should -BeOfType NixStore.BinaryCachePruneClass
        $classes.Name | Should -Contain AmazonImage
        (Get-BinaryCachePruneClass iso).Patterns | Should -Be 'nixos-*.iso'
        (Get-BinaryCachePruneClass SdImage).Patterns | Should -Contain 'nixos-*.img'
        (Get-BinaryCachePruneClass AmazonImage).Patterns | Should -Contain 'nixos-amazon-image-*'
        (Get-BinaryCachePruneClass glue).MinimumAge | Should -Be (New-TimeSpan -Days 365)
        (Get-BinaryCachePruneClass Boot*).IsProtected | Should -BeTrue
        { Get-BinaryCachePruneClass Isso -ErrorAction Stop } | Should -Throw -ErrorId 'PruneClassNotFound,NixStore.PowerShell.Commands.GetBinaryCachePruneClassCommand'
    }

    It 'Takes files with further ones' {
        $file = Join-Path $TestDrive classes.json
        Set-Content $file '{ "classes": [ { "name": "Greeting", "patterns": ["hello-*"], "description": "Says hello." } ] }'
        (Get-BinaryCachePruneClass Greet* -Path $file).Description | Should -Be 'Says hello.'
        Set-Content $file '{ "classes": [ { "name": "Greeting", "patterns": ["*"] } ] }'
        { Get-BinaryCachePruneClass -Path $file -ErrorAction Stop } | Should -Throw -ErrorId 'PruneClassesInvalid,NixStore.PowerShell.Commands.GetBinaryCachePruneClassCommand'
    }

    It 'Has a view and completes names' {
        Get-BinaryCachePruneClass Glue | Out-String | Should -Match 'Glue +False +365d +18 Units'
        (TabExpansion2 'Get-BinaryCachePruneClass Am').CompletionMatches.CompletionText | Should -Contain AmazonImage
        (TabExpansion2 'New-BinaryCachePrunePlan x -Class Net').CompletionMatches.CompletionText | Should -Contain Netboot
    }
}

Describe 'New-BinaryCachePrunePlan' {
    It 'Plans by policy, and says why candidates stay' {
        $path = Get-PlanPath
        $plan = New-BinaryCachePrunePlan $path -Catalog $catalog -Class Iso -OlderThan 60d -PriceList Default -Author me
        $plan | Should -BeOfType NixStore.BinaryCachePrunePlan
        $plan.Plan, $plan.Catalog, $plan.Author, $plan.PathCount | Should -Be $path, $catalog, me, 2
        $plan.Totals.Objects.NarInfo, $plan.Totals.Objects.Nar, $plan.Totals.Objects.Listing, $plan.Totals.Objects.DebugInfo | Should -Be 2, 2, 1, 1
        $plan.Kept | ForEach-Object { "$($_.Reason)=$($_.Paths)" } | Should -Be FixedOutput=1, Root=1, Referenced=1
        $plan.Classes[0].Name, $plan.Classes[0].Bytes | Should -Be Iso, 2100
        $plan.NeedsApproval, $plan.IsApproved, $plan.Totals.Currency | Should -Be $false, $false, USD
        (Get-Content (Join-Path $path plan.json) | ConvertFrom-Json).id | Should -Be $plan.Id
    }

    It 'Takes paths and orphans of a pipeline, and of nothing makes nothing' {
        $plan = Find-BinaryCachePath nixos-minimal-* -Catalog $catalog | New-BinaryCachePrunePlan (Get-PlanPath)
        $plan.PathCount, $plan.Policy.Candidates | Should -Be 2, 2
        $plan = Get-BinaryCacheOrphan NarWithoutNarInfo -Catalog $catalog | New-BinaryCachePrunePlan (Get-PlanPath)
        $plan.PathCount, $plan.Totals.Objects.Nar | Should -Be 0, 1
        $path = Get-PlanPath
        { Find-BinaryCachePath nothing-* -Catalog $catalog | New-BinaryCachePrunePlan $path -Catalog $catalog -Class Iso -ErrorAction Stop } |
            Should -Throw -ErrorId 'PrunePlanEmpty,NixStore.PowerShell.Commands.NewBinaryCachePrunePlanCommand'
        Test-Path $path | Should -BeFalse
    }

    It 'Combines pipeline and policy' {
        (Find-BinaryCachePath -Catalog $catalog | New-BinaryCachePrunePlan (Get-PlanPath) -Name *-2.iso).PathCount | Should -Be 1
        (New-BinaryCachePrunePlan (Get-PlanPath) -Catalog $catalog -Class Iso -KeepRoots:$false -IncludeFixedOutput -AllowDangling -MinimumAge 0s).PathCount | Should -Be 6
        (New-BinaryCachePrunePlan (Get-PlanPath) -Catalog $catalog -Unreachable -Name nixos-*).PathCount | Should -Be 2
    }

    It 'Refuses narinfos that could not be had unless that is allowed' {
        $parameters = @{ Catalog = Join-Path $TestDrive missing.catalog; Class = 'Iso'; KeepRoots = $false; MinimumAge = '0s' }
        $null = Import-BinaryCacheInventory -BinaryCache (New-PruneCache missing) -Catalog $parameters.Catalog
        Remove-Item (Join-Path $TestDrive missing-cache "$(Get-SampleHashPart 1).narinfo")
        $null = Update-BinaryCacheCatalog $parameters.Catalog
        { New-BinaryCachePrunePlan (Get-PlanPath) @parameters -ErrorAction Stop } | Should -Throw -ErrorId 'CatalogNarInfosUnreadable,NixStore.PowerShell.Commands.NewBinaryCachePrunePlanCommand'
        $plan = New-BinaryCachePrunePlan (Get-PlanPath) @parameters -AllowUnreadable
        $plan.Policy.AllowUnreadable | Should -BeTrue
        $plan | Out-String -Width 200 | Should -Match 'Unusable *: 1 narinfos, of which 1 could not be had'
        ($plan | Test-BinaryCachePrunePlan -Catalog $parameters.Catalog).IsPassed | Should -Not -Contain $false
    }

    It 'Touches nothing with -WhatIf' {
        $path = Get-PlanPath
        New-BinaryCachePrunePlan $path -Catalog $catalog -Class Iso -WhatIf | Should -BeNullOrEmpty
        Test-Path $path | Should -BeFalse
    }

    It 'Refuses <Id>' -ForEach @(
        @{ Id = 'PrunePolicyEmpty'; Parameters = @{} }
        @{ Id = 'PruneClassNotFound'; Parameters = @{ Class = 'Isso' } }
        @{ Id = 'PrunePlanEmpty'; Parameters = @{ Name = 'nothing' } }
        @{ Id = 'PriceListNotFound'; Parameters = @{ Name = 'nixos-*'; PriceList = 'nowhere.json' } }
    ) {
        { New-BinaryCachePrunePlan (Get-PlanPath) -Catalog $catalog @Parameters -ErrorAction Stop } | Should -Throw -ErrorId "$Id,NixStore.PowerShell.Commands.NewBinaryCachePrunePlanCommand"
    }

    It 'Refuses a catalog without roots, and one that is not up to date' {
        $other = New-PruneCatalog other
        Get-BinaryCacheRoot -Catalog $other | Remove-BinaryCacheRoot -Confirm:$false
        { New-BinaryCachePrunePlan (Get-PlanPath) -Catalog $other -Class Iso -ErrorAction Stop } | Should -Throw -ErrorId 'CatalogHasNoRoots,*'
        Copy-Item (Join-Path $TestDrive other-cache "$(Get-SampleHashPart 1).narinfo") (Join-Path $TestDrive other-cache "$(Get-SampleHashPart 20).narinfo")
        $null = Import-BinaryCacheInventory -BinaryCache "file://$(Join-Path $TestDrive other-cache)" -Catalog $other
        { New-BinaryCachePrunePlan (Get-PlanPath) -Catalog $other -Class Iso -KeepRoots:$false -ErrorAction Stop } | Should -Throw -ErrorId 'CatalogNotUpToDate,*'
    }

    It 'Has a view' {
        New-BinaryCachePrunePlan (Get-PlanPath) -Catalog $catalog -Class Iso -ApprovalCount 1 | Out-String -Width 200 | Should -Match '(?s)Paths +: 2.*Classes +: Iso 2.*Root 1.*Approval : needed'
    }
}

Describe 'Test-BinaryCachePrunePlan' {
    BeforeAll {
        $plan = New-BinaryCachePrunePlan (Get-PlanPath) -Catalog $catalog -Class Iso
    }

    It 'Proves a plan and writes a certificate' {
        $file = Join-Path $TestDrive certificate.json
        $checks = $plan | Test-BinaryCachePrunePlan -Certificate $file
        $checks | Should -BeOfType NixStore.BinaryCachePrunePlanCheck
        $checks.Check | Should -Contain Closed
        $checks.IsPassed | Should -Not -Contain $false
        $json = Get-Content $file | ConvertFrom-Json
        $json.passed, $json.plan, $json.digest, $json.checks.Count | Should -Be $true, $plan.Id, $plan.Digest, $checks.Count
        (Get-FileHash (Join-Path $TestDrive certificate.sql)).Hash | Should -Be $json.sqlSha256
    }

    It 'Touches nothing without or with -WhatIf' {
        $before = Get-FolderHash $TestDrive
        Test-BinaryCachePrunePlan $plan.Plan -Catalog $catalog -Certificate (Join-Path $TestDrive whatif.json) -WhatIf | Should -HaveCount 19
        Get-FolderHash $TestDrive | Should -Be $before
    }

    It 'Says what is wrong when the catalog is another one' {
        $other = New-PruneCatalog changed
        $failed = Test-BinaryCachePrunePlan $plan -Catalog $other | Where-Object IsPassed -EQ $false
        $failed.Check | Should -Contain Catalog
        $failed | Out-String -Width 200 | Should -Match 'Catalog +False +1 catalog\.json'
    }

    It 'Refuses what is no plan' {
        { Test-BinaryCachePrunePlan $TestDrive -Catalog $catalog -ErrorAction Stop } | Should -Throw -ErrorId 'PrunePlanNotFound,NixStore.PowerShell.Commands.TestBinaryCachePrunePlanCommand'
    }
}

Describe 'Compare-BinaryCachePrunePlan' {
    It 'Compares plans' {
        $one = New-BinaryCachePrunePlan (Get-PlanPath) -Catalog $catalog -Name nixos-minimal-1.iso
        $two = New-BinaryCachePrunePlan (Get-PlanPath) -Catalog $catalog -Name nixos-minimal-2.iso
        $differences = Compare-BinaryCachePrunePlan $one $two
        $differences | Should -BeOfType NixStore.BinaryCachePrunePlanDifference
        $differences.ForEach({ "$($_.Kind) $($_.HashPart)" }) | Should -Be "Removed $(Get-SampleHashPart 2)", "Added $(Get-SampleHashPart 3)"
        $two.Plan | Compare-BinaryCachePrunePlan $two.Plan | Should -BeNullOrEmpty
        $differences | Out-String -Width 200 | Should -Match 'Added +1\.1 KiB Iso +/nix/store/'
    }

    It 'Compares with a newer catalog' {
        $other = New-PruneCatalog newer
        $plan = New-BinaryCachePrunePlan (Get-PlanPath) -Catalog $other -Class Iso
        Compare-BinaryCachePrunePlan $plan -Catalog $other | Should -BeNullOrEmpty
        $folder = Join-Path $TestDrive newer-cache
        Remove-Item (Join-Path $folder "$(Get-SampleHashPart 3).narinfo")
        (Get-Content (Join-Path $folder "$(Get-SampleHashPart 5).narinfo")) -replace '^References: .*', "References: $(Get-SampleHashPart 2)-nixos-minimal-1.iso" |
            Set-Content (Join-Path $folder "$(Get-SampleHashPart 5).narinfo")
        $null = Import-BinaryCacheInventory -BinaryCache "file://$folder" -Catalog $other
        $null = Update-BinaryCacheCatalog $other
        $null = Add-BinaryCacheRoot -Path "/nix/store/$(Get-SampleHashPart 2)-nixos-minimal-1.iso" -Catalog $other
        $differences = Compare-BinaryCachePrunePlan $plan -Catalog $other
        $differences.ForEach({ "$($_.Kind) $($_.HashPart)" }) | Should -Be "Referenced $(Get-SampleHashPart 2)", "Rooted $(Get-SampleHashPart 2)", "Gone $(Get-SampleHashPart 3)"
        $differences[0].By | Should -Be "/nix/store/$(Get-SampleHashPart 5)-user-1.0"
    }
}

Describe 'Approve-BinaryCachePrunePlan' {
    It 'Approves a plan as it is' {
        $plan = New-BinaryCachePrunePlan (Get-PlanPath) -Catalog $catalog -Class Iso -ApprovalSize 1kb
        $plan.NeedsApproval, $plan.IsApproved | Should -Be $true, $false
        $plan | Approve-BinaryCachePrunePlan -By boss | Should -BeNullOrEmpty
        $approved = Approve-BinaryCachePrunePlan $plan -By boss2 -Comment 'Looked at the outliers.' -PassThru
        $approved.IsApproved, $approved.Digest, $approved.Approvals.Count, $approved.Approvals[1].Comment | Should -Be $true, $plan.Digest, 2, 'Looked at the outliers.'
        ($plan | Test-BinaryCachePrunePlan).IsPassed | Should -Not -Contain $false
    }

    It 'Touches nothing with -WhatIf, and refuses a plan that was changed' {
        $plan = New-BinaryCachePrunePlan (Get-PlanPath) -Catalog $catalog -Class Iso
        $before = Get-FolderHash $plan.Plan
        Approve-BinaryCachePrunePlan $plan -WhatIf
        Get-FolderHash $plan.Plan | Should -Be $before
        $file = Join-Path $plan.Plan plan.json
        (Get-Content -Raw $file).Replace('"paths": 2', '"paths": 1') | Set-Content -NoNewline $file
        { Approve-BinaryCachePrunePlan $plan -ErrorAction Stop } | Should -Throw -ErrorId 'PrunePlanDamaged,NixStore.PowerShell.Commands.ApproveBinaryCachePrunePlanCommand'
    }
}

Describe 'Export-BinaryCacheReport of a BinaryCachePrunePlan' {
    It 'Shows what a plan changes' {
        $plan = New-BinaryCachePrunePlan (Get-PlanPath) -Catalog $catalog -Class Iso -PriceList Default
        $path = Join-Path $TestDrive plan.html
        Export-BinaryCacheReport $path -Catalog $catalog -Plan $plan -PriceList Default
        $null = (Get-Content -Raw $path) -match '(?s)id="data">(.*?)</script>'
        $data = $Matches[1] | ConvertFrom-Json
        $data.plan.id, $data.plan.count, $data.plan.classes[0].name | Should -Be $plan.Id, 2, Iso
        $other = New-PruneCatalog elsewhere
        Remove-Item (Join-Path $TestDrive elsewhere-cache "$(Get-SampleHashPart 8).narinfo")
        $null = Import-BinaryCacheInventory -BinaryCache "file://$TestDrive/elsewhere-cache" -Catalog $other | Update-BinaryCacheCatalog
        { Export-BinaryCacheReport $path -Catalog $other -Plan $plan.Plan -Force -ErrorAction Stop } | Should -Throw -ErrorId 'PrunePlanOfOtherCatalog,*'
    }
}
