BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1

    # A store with a profile that has a generation for each number of days; its path is given.
    function New-Lab {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
        param([double[]] $DaysAgo = @(40, 30, 20, 10, 1), [int] $Current = 5, [string] $Name = 'lab')
        $script:storeRoot = "$TestDrive/store-$([guid]::NewGuid())"
        $names = 1..$DaysAgo.Count | ForEach-Object { "gen$_" }
        $null = New-SmallStore $storeRoot $names
        $script:store = "local?root=$storeRoot"
        $script:paths = @{}
        Get-StorePath -Store $store | ForEach-Object { $paths[$_.Name] = $_.Path }
        $script:profiles = (New-Item -ItemType Directory -Force "$storeRoot/nix/var/nix/profiles").FullName
        for ($i = 1; $i -le $DaysAgo.Count; $i++) {
            ln -s $paths["gen$i"] "$profiles/$Name-$i-link"
            touch -h -d "@$([DateTimeOffset]::UtcNow.AddDays(-$DaysAgo[$i - 1]).ToUnixTimeSeconds())" "$profiles/$Name-$i-link"
        }
        ln -s "$Name-$Current-link" "$profiles/$Name"
        "$profiles/$Name"
    }

    function Get-Number { @((Get-StoreGeneration -Store $store).Number) }
    function Get-Listing { find $storeRoot -printf '%P %y %T@ %l\n' | Sort-Object }
}

Describe 'Get-StoreGeneration' {
    It 'Gives the generations of all profiles, of one by name, wildcard and path' {
        $lab = New-Lab
        ln -s $paths['gen1'] "$profiles/other-7-link"
        ln -s other-7-link "$profiles/other"
        (Get-StoreGeneration -Store $store).Count | Should -Be 6
        (Get-StoreGeneration lab -Store $store).Number | Should -Be 1, 2, 3, 4, 5
        (Get-StoreGeneration o* -Store $store).Number | Should -Be 7
        (Get-StoreGeneration $lab -Store $store)[-1] | ForEach-Object {
            $_ | Should -BeOfType NixStore.StoreGeneration
            $_.IsCurrent, $_.IsInUse, $_.ProfileName, $_.Kind | Should -Be $true, $true, 'lab', 'Other'
            $_.Path | Should -Be $paths['gen5']
        }
        Get-StoreGeneration -Kind System -Store $store | Should -BeNullOrEmpty
        Get-StoreGeneration nothing* -Store $store | Should -BeNullOrEmpty
    }

    It 'Says what is not there, and goes on' {
        $null = New-Lab
        $found = Get-StoreGeneration nothing, lab, /nowhere -Store $store -ErrorVariable failed -ErrorAction SilentlyContinue
        $found.Count | Should -Be 5
        $failed.FullyQualifiedErrorId | Should -Be (@('ProfileNotFound,NixStore.PowerShell.Commands.GetStoreGenerationCommand') * 2)
    }

    It 'Leaves no trace' {
        $null = New-Lab
        $before = Get-Listing
        $null = Get-StoreGeneration -Store $store
        Get-Listing | Should -Be $before
    }

    It 'Shows which is current in a table of its profile' {
        $lab = New-Lab
        $text = Get-StoreGeneration -Store $store | Out-String -Width 200
        $text | Should -Match ([regex]::Escape("Profile: $lab"))
        $text | Should -Match '5 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d current'
    }

    It 'Finds out what each generation alone keeps' {
        $null = New-Lab
        $sizes = (Get-StoreGeneration -Store $store -IncludeSize).ReclaimableSize
        # Each path refers to the one before it, so that all are kept by the last.
        $sizes | Should -Be 0, 0, 0, 0, (Get-StorePath $paths['gen5'] -Store $store).NarSize
    }

    It 'Completes profiles by name' {
        $null = New-Lab
        $line = "Get-StoreGeneration -Store '$store' -Profile l"
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be lab
    }
}

Describe 'Remove-StoreGeneration' {
    It 'Keeps what was active at the cut-off: <_>' -ForEach '14d', '2w', '336h', 'span', 'date' {
        $null = New-Lab
        $age = switch ($_) { span { New-TimeSpan -Days 14 } date { (Get-Date).AddDays(-14) } default { $_ } }
        Remove-StoreGeneration -OlderThan $age -Store $store
        Get-Number | Should -Be 3, 4, 5
    }

    It 'Takes ages as typed' {
        $null = New-Lab
        Remove-StoreGeneration -OlderThan 14d -Store $store
        Get-Number | Should -Be 3, 4, 5
        { Remove-StoreGeneration -OlderThan 14 -Store $store } | Should -Throw '*Write 14d*' -ErrorId 'ParameterArgumentTransformationError,NixStore.PowerShell.Commands.RemoveStoreGenerationCommand'
        $days = 14d
        foreach ($wrong in 14.0, [decimal] 14, $days, '-14d', (Get-Date).AddDays(1), $null, (New-TimeSpan -Days -1)) {
            { Remove-StoreGeneration -OlderThan $wrong -Store $store } | Should -Throw
        }
        foreach ($right in '2026-01-01', '1y', '6mo', '90m', '36h', '2026-01-01T10:00:00Z') {
            Remove-StoreGeneration -OlderThan $right -Store $store -WhatIf
        }
    }

    It 'Combines rules: what any of them keeps stays' {
        $null = New-Lab -DaysAgo 400, 100, 60, 30, 20, 10, 1 -Current 7
        (Remove-StoreGeneration -KeepLast 2 -KeepDaily 4 -OlderThan 14d -Store $store -PassThru).Number | Should -Be 3, 2, 1
        Get-Number | Should -Be 4, 5, 6, 7
    }

    It 'Keeps weeks and months' {
        $null = New-Lab -DaysAgo 400, 200, 100, 1 -Current 4
        (Remove-StoreGeneration -KeepMonthly 2 -Store $store -PassThru).Number | Should -Be 2, 1
        (Remove-StoreGeneration -KeepWeekly 1 -Store $store -PassThru).Number | Should -Be 3
    }

    It 'Asks for a rule' {
        $null = New-Lab
        { Remove-StoreGeneration -Store $store } | Should -Throw -ErrorId 'RetentionRuleMissing,NixStore.PowerShell.Commands.RemoveStoreGenerationCommand'
        { Remove-StoreGeneration lab -Store $store } | Should -Throw -ErrorId 'RetentionRuleMissing,*'
        Get-Number | Should -Be 1, 2, 3, 4, 5
    }

    It 'Takes what nix-env takes: <spec>' -ForEach @(
        @{ spec = '+2'; left = 4, 5 }
        @{ spec = '14d'; left = 3, 4, 5 }
        @{ spec = 'old'; left = , 5 }
        @{ spec = '1,3,99'; left = 2, 4, 5 }
    ) {
        $null = New-Lab
        # As typed, without quotes.
        & ([scriptblock]::Create("Remove-StoreGeneration lab -Specification $spec -Store '$store'"))
        Get-Number | Should -Be $left
    }

    It 'Refuses a wrong specification' {
        $null = New-Lab
        Remove-StoreGeneration lab -Specification 0d -Store $store -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'InvalidGenerationSpecification,*'
    }

    It 'Takes generations from a pipeline; the current one is an error, the others go' {
        $null = New-Lab -Current 2
        Get-StoreGeneration -Store $store | Where-Object Number -LE 3 | Remove-StoreGeneration -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -Be 'GenerationInUse,NixStore.PowerShell.Commands.RemoveStoreGenerationCommand'
        $failed.CategoryInfo.Category | Should -Be ResourceBusy
        Get-Number | Should -Be 2, 4, 5
    }

    It 'Spares the booted system' {
        $null = New-Lab -Name system
        $null = New-Item -ItemType Directory "$storeRoot/run"
        ln -s $paths['gen1'] "$storeRoot/run/booted-system"
        Remove-StoreGeneration system -Number 1, 2, 77 -Store $store -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeLike '*,NixStore.PowerShell.Commands.RemoveStoreGenerationCommand'
        $failed.Exception.ErrorId | Should -Be GenerationInUse, GenerationNotFound
        Remove-StoreGeneration -KeepLast 1 -Store $store
        Get-Number | Should -Be 1, 5
        (Get-StoreGeneration system -Store $store).IsBooted | Should -Be $true, $false
    }

    It 'Changes nothing with -WhatIf' {
        $null = New-Lab
        $before = Get-Listing
        Remove-StoreGeneration -KeepLast 1 -Store $store -WhatIf
        Get-StoreGeneration -Store $store | Select-Object -First 2 | Remove-StoreGeneration -WhatIf
        Remove-StoreGeneration lab -Specification old -Store $store -WhatIf
        Get-Listing | Should -Be $before
    }

    It 'Waits for a locked profile, and says so in the end' {
        $lab = New-Lab
        $holder = Start-LockHolder "$lab.lock"
        try {
            Remove-StoreGeneration -KeepLast 1 -Store $store -Timeout 1 -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed.FullyQualifiedErrorId | Should -BeLike 'StoreLocked,*'
            Get-Number | Should -Be 1, 2, 3, 4, 5
        }
        finally {
            $holder.Kill($true)
        }
    }
}

Describe 'Switch-StoreGeneration' {
    It 'Switches by number, by pipeline and back' {
        $lab = New-Lab
        (Switch-StoreGeneration lab 2 -Store $store -PassThru).IsCurrent | Should -BeTrue
        readlink $lab | Should -Be lab-2-link
        Switch-StoreGeneration $lab -Rollback -Store $store
        readlink $lab | Should -Be lab-1-link
        Get-StoreGeneration -Store $store | Where-Object Number -EQ 4 | Switch-StoreGeneration
        readlink $lab | Should -Be lab-4-link
        Test-Path "$lab.lock" | Should -BeFalse
    }

    It 'Changes nothing with -WhatIf' {
        $null = New-Lab
        $before = Get-Listing
        Switch-StoreGeneration lab 2 -Store $store -WhatIf
        Switch-StoreGeneration lab -Rollback -Store $store -WhatIf
        Get-Listing | Should -Be $before
    }

    It 'Says what it does not do for a system' {
        $null = New-Lab -Name system
        Switch-StoreGeneration system 2 -Store $store -WarningVariable warned -WarningAction SilentlyContinue
        $warned | Should -BeLike '*neither the running system nor the boot loader*'
    }

    It 'Refuses what is not there or not valid' {
        $lab = New-Lab -Current 1
        rm -rf "$storeRoot$($paths['gen3'])"
        foreach ($case in @{ Number = 9 }, @{ Rollback = $true }, @{ Number = 3 }) {
            Switch-StoreGeneration $lab -Store $store @case -ErrorVariable +failed -ErrorAction SilentlyContinue
        }
        $failed.Exception.ErrorId | Should -Be GenerationNotFound, NoOlderGeneration, GenerationNotValid
        readlink $lab | Should -Be lab-1-link
    }

    It 'Wants one profile' {
        $null = New-Lab
        $null = New-Item -ItemType Directory "$profiles/per-user/bob"
        ln -s $paths['gen1'] "$profiles/per-user/bob/lab-1-link"
        Switch-StoreGeneration lab 1 -Store $store -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.Exception.ErrorId | Should -Be ProfileAmbiguous
    }
}
