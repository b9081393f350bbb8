BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    . $PSScriptRoot/garbage.ps1
    $WarningPreference = 'SilentlyContinue'
    $small = New-GarbageStore
    $s = @{ Store = $small.Root }
    $new = 'NixStore.PowerShell.Commands.NewStoreGarbagePlanCommand'
}

Describe 'New-StoreGarbagePlan' {
    It 'Gives a plan of all garbage' {
        $plan = New-StoreGarbagePlan @s
        $plan.GetType().FullName | Should -Be 'NixStore.StoreGarbagePlan'
        $plan.Count, $plan.KeptCount | Should -Be 4, 3
        $plan.Store | Should -Be $small.Url
        $plan.ReclaimableSize | Should -Be (Get-StoreGarbage @s | Measure-Object ReclaimableSize -Sum).Sum
        $plan.Roots.Link | Should -Be "$($small.Root)/nix/var/nix/gcroots/app"
        $plan.Digest | Should -Match '^[0-9a-f]{64}$'
    }

    It 'Takes what <what>' -ForEach @(
        @{ what = 'matches'; given = @{ Path = '*-old*' }; names = 'old', 'older' }
        @{ what = 'does not match'; given = @{ Exclude = '*-old*', '*-stray' }; names = 'lone' }
        @{ what = 'nothing that stays needs'; given = @{ Exclude = '*-older' }; names = 'lone', 'stray' }
        @{ what = 'is of a kind'; given = @{ Kind = 'Unregistered' }; names = 'stray' }
        @{ what = 'was registered before an age, as it is typed'; given = @{ RegisteredBefore = '14d' }; names = 'lone', 'old', 'older' }
        @{ what = 'was registered before a date'; given = @{ RegisteredBefore = [datetime]'2020-01-01' }; names = @() }
        @{ what = 'was not used for an age'; given = @{ UnusedFor = '1d' }; names = @() }
        @{ what = 'is largest, until enough is freed'; given = @{ Order = 'Size'; MaxFreed = 1kb; Kind = 'Dead' }; names = 'lone' }
        @{ what = 'fits into a number'; given = @{ MaxPaths = 1; Kind = 'Dead'; Path = '*-old*' }; names = 'older' }
        @{ what = 'is enough to have space that is free already'; given = @{ EnsureFree = 1 }; names = @() }
        @{ what = 'is not enough'; given = @{ EnsureFreePercent = 100 }; names = 'lone', 'old', 'older', 'stray' }
    ) {
        if ($given.UnusedFor -and (findmnt -n -o OPTIONS -T $small.Root) -match 'noatime') { Set-ItResult -Skipped -Because 'MOUNTED WITH NOATIME' }
        (New-StoreGarbagePlan @s @given).Items.Name | Sort-Object | Should -Be $names
    }

    It 'Reads ages and sizes as they are typed' {
        $plan = New-StoreGarbagePlan @s -RegisteredBefore 2w -MaxFreed 10gb
        $plan.Policy.MaxFreed | Should -Be 10737418240
        ([datetimeoffset]::UtcNow - $plan.Policy.RegisteredBefore).TotalDays | Should -BeGreaterThan 13.9
        ([datetimeoffset]::UtcNow - $plan.Policy.RegisteredBefore).TotalDays | Should -BeLessThan 14.1
    }

    It 'Refuses an age without a unit' {
        { New-StoreGarbagePlan @s -RegisteredBefore 14 } | Should -Throw -ErrorId "ParameterArgumentTransformationError,$new"
    }

    It 'Plans as if roots were gone: <what>' -ForEach @(
        @{ what = 'a link'; plan = { New-StoreGarbagePlan @s -AssumeRemoved "$($small.Root)/nix/var/nix/gcroots/app" } }
        @{ what = 'piped roots'; plan = { Get-StoreRoot *-app @s | New-StoreGarbagePlan } }
        @{ what = 'links'' properties'; plan = { [pscustomobject]@{ Link = "$($small.Root)/nix/var/nix/gcroots/app"; Store = $small.Root } | New-StoreGarbagePlan } }
    ) {
        $made = & $plan
        $made.Items.Name | Should -Contain 'app'
        $made.Policy.AssumeRemoved | Should -Be "$($small.Root)/nix/var/nix/gcroots/app"
        $made.Roots | Should -BeNullOrEmpty
        (Get-StoreRoot @s -Kind Permanent) | Should -HaveCount 1
    }

    It 'Plans as if generations were gone, which are roots twice' {
        $other = New-GarbageStore
        $profiles = New-Item -ItemType Directory -Force "$($other.Root)/nix/var/nix/profiles", "$($other.Root)/nix/var/nix/gcroots/auto"
        foreach ($number in 1, 2) { ln -s $other.PathOf(('old', 'app')[$number - 1]) "$($profiles[0])/work-$number-link" }
        ln -s work-2-link "$($profiles[0])/work"
        ln -s /nix/var/nix/profiles/work-1-link "$($profiles[1])/first"
        (New-StoreGarbagePlan -Store $other.Root).Items.Name | Should -Not -Contain 'old'
        $plan = Get-StoreGeneration work -Store $other.Root | Where-Object { -not $_.IsCurrent } | New-StoreGarbagePlan
        $plan | Should -HaveCount 1
        $plan.Items.Name | Should -Contain 'old'
    }

    It 'Makes no plan of another store when nothing is piped' {
        Get-StoreGeneration @s | Where-Object Number -EQ 99 | New-StoreGarbagePlan | Should -BeNullOrEmpty
    }

    It 'Shows a plan as a list' {
        $text = New-StoreGarbagePlan @s -MaxFreed 1gb | Out-String -Width 200
        $text | Should -BeLike '*Policy*MaxFreed 1*Order Age*'
        $text | Should -BeLike '*Kinds*: 3 Dead, 1 Unregistered*'
    }
}

Describe 'A saved plan' {
    BeforeAll {
        $file = Join-Path $TestDrive plan.json
        $plan = New-StoreGarbagePlan @s
        $plan.ToJson() | Set-Content $file
    }

    It 'Is the same when it is read' {
        Compare-StoreGarbagePlan $plan $file | Should -BeNullOrEmpty
        Push-Location $TestDrive
        try { Compare-StoreGarbagePlan plan.json $plan | Should -BeNullOrEmpty } finally { Pop-Location }
        Get-Item $file | Compare-StoreGarbagePlan $plan | Should -BeNullOrEmpty
    }

    It 'Is refused when it was <what>' -ForEach @(
        @{ what = 'tampered with'; id = 'PlanDamaged'; change = { param($json) $json -replace '-lone"', '-loan"' } }
        @{ what = 'cut off'; id = 'PlanDamaged'; change = { param($json) $json.Substring(0, 200) } }
        @{ what = 'made by a newer version'; id = 'PlanTooNew'; change = { param($json) $json -replace '"version": 1', '"version": 2, "new": 3' } }
    ) {
        & $change (Get-Content -Raw $file) | Set-Content (Join-Path $TestDrive bad.json)
        $failure = { Compare-StoreGarbagePlan (Join-Path $TestDrive bad.json) $plan } | Should -Throw -PassThru
        Get-InnerErrorId $failure | Should -Be $id
    }

    It 'Is refused when it is not there' {
        $failure = { Compare-StoreGarbagePlan (Join-Path $TestDrive none.json) $plan } | Should -Throw -PassThru
        Get-InnerErrorId $failure | Should -Be 'PathNotFound'
    }
}

Describe 'Compare-StoreGarbagePlan' {
    It 'Says what died and which root went' {
        $other = New-GarbageStore
        $before = New-StoreGarbagePlan -Store $other.Root
        Remove-Item "$($other.Root)/nix/var/nix/gcroots/app"
        $null = New-Item -ItemType SymbolicLink "$($other.Root)/nix/var/nix/gcroots/lone" -Target $other.PathOf('lone')
        $difference = Compare-StoreGarbagePlan $before (New-StoreGarbagePlan -Store $other.Root)
        $difference[0].GetType().FullName | Should -Be 'NixStore.StoreGarbagePlanDifference'
        $difference | ForEach-Object { "$($_.Change) $(($_.Link ?? $_.Path) -replace '.*[-/]')" } | Sort-Object |
            Should -Be 'Died app', 'Died lib', 'Died libc', 'Dropped lone', 'RootAppeared lone', 'RootVanished app'
    }

    It 'Refuses plans of two stores, and goes on with the next' {
        $other = New-StoreGarbagePlan -Store (New-GarbageStore).Root
        $plan = New-StoreGarbagePlan @s
        $other, (New-StoreGarbagePlan @s -Exclude *-lone) | Compare-StoreGarbagePlan $plan -ErrorVariable failure -ErrorAction SilentlyContinue |
            ForEach-Object Change | Should -Be 'Dropped'
        $failure.FullyQualifiedErrorId | Should -Be 'PlanOfOtherStore,NixStore.PowerShell.Commands.CompareStoreGarbagePlanCommand'
    }
}
