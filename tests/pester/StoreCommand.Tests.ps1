BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest

    # Cmdlets that do nothing but use what the base class offers.
    Add-Type -PassThru -IgnoreWarnings -WarningAction Ignore -ReferencedAssemblies @(
        Join-Path (Split-Path $manifest) NixStore.PowerShell.dll
        Join-Path (Split-Path $manifest) NixStore.Model.dll
        [psobject].Assembly.Location
        'System.Runtime', 'System.Threading', 'System.Threading.Thread', 'System.Collections', 'netstandard'
    ) -TypeDefinition (Get-Content -Raw $PSScriptRoot/ProbeCommand.cs) | ForEach-Object Assembly | Select-Object -First 1 | Import-Module

    # Runs a pipeline on another thread, and stops it as Ctrl+C does when it has given its first object. Gives how long the stop took.
    function Measure-Stop([string] $Script) {
        $shell = [powershell]::Create([Management.Automation.RunspaceMode]::NewRunspace)
        try {
            $null = $shell.AddScript("Import-Module '$manifest'; Import-Module -Assembly ([AppDomain]::CurrentDomain.GetAssemblies().Where{ `$_.GetType('NixStore.Tests.ProbeCommand') }[0]); $Script")
            $output = [Management.Automation.PSDataCollection[psobject]]::new()
            $run = $shell.BeginInvoke([Management.Automation.PSDataCollection[psobject]]::new(), $output)
            Wait-Condition { $output.Count -or $run.IsCompleted }
            $output.Count | Should -BeGreaterThan 0
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            $shell.InvocationStateInfo.State | Should -Be 'Stopped'
            $watch.Elapsed
        }
        finally {
            $shell.Dispose()
        }
    }
}

Describe '-Store' {
    BeforeAll {
        New-EmptyStore (Join-Path $TestDrive system)
    }

    It 'Takes a directory' {
        $store = Get-NixStore -Store (Join-Path $TestDrive system)
        $store.Store | Should -Be "local?root=$TestDrive/system"
        $store.PathCount | Should -Be 0
        $store.Schema | Should -Be 10
    }

    It 'Takes a directory relative to the location' {
        Push-Location $TestDrive
        try { (Get-NixStore -Store ./system).RealDirectory | Should -Be "$TestDrive/system/nix/store" } finally { Pop-Location }
    }

    It 'Is bound by the property Store' {
        (Get-NixStore -Store (Join-Path $TestDrive system) | Get-NixStore).Store | Should -Be "local?root=$TestDrive/system"
    }

    It 'Is completed' {
        (TabExpansion2 'Get-NixStore -Store lo').CompletionMatches.ListItemText | Should -Contain 'local'
        (TabExpansion2 "Get-NixStore -Store $TestDrive/sys").CompletionMatches.CompletionText | Should -Contain "$TestDrive/system"
    }
}

Describe 'Errors' {
    It 'Are one record for one bad thing, with id, category, target and remedy, and the rest goes on' {
        New-EmptyStore (Join-Path $TestDrive good)
        $inputs = 'none', 'good' | ForEach-Object { [pscustomobject]@{ Store = Join-Path $TestDrive $_ } }
        $stores = $inputs | Get-NixStore -ErrorVariable failures -ErrorAction SilentlyContinue
        $stores.Store | Should -Be "local?root=$TestDrive/good"
        $failures | Should -HaveCount 1
        $failures[0].FullyQualifiedErrorId | Should -Be 'DatabaseNotFound,NixStore.PowerShell.Commands.GetNixStoreCommand'
        $failures[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $failures[0].TargetObject | Should -BeLike "$TestDrive/none/*"
        $failures[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'Have a category for every kind' {
        foreach ($kind in [Enum]::GetNames([NixStore.StoreErrorKind])) {
            Invoke-Probe -Fail $kind -ErrorVariable failure -ErrorAction SilentlyContinue
            $failure[0].CategoryInfo.Category | Should -Not -Be 'NotSpecified'
            $failure[0].FullyQualifiedErrorId | Should -Be 'ProbeFailed,NixStore.Tests.ProbeCommand'
        }
    }

    It 'End the command when they come before the first record' {
        { 1, 2 | Invoke-Probe -FailInBegin } | Should -Throw -ErrorId 'ProbeFailed,NixStore.Tests.ProbeCommand'
    }
}

Describe 'Work on other threads' {
    It 'Gives all its objects in order' {
        Invoke-Probe -Count 5000 | Should -Be (0..4999)
    }

    It 'Streams: the first object is there while the work goes on' {
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $null = Invoke-Probe -Count 2 -Pause 600000 | Select-Object -First 1
        $watch.Elapsed.TotalSeconds | Should -BeLessThan $soon
    }

    It 'Ends when a later command wants no more' {
        Invoke-Probe -Count 1000000 | Select-Object -First 3 | Should -Be 0, 1, 2
        Start-Sleep -Milliseconds 200
        [NixStore.Tests.ProbeCommand]::Produced | Should -BeLessThan 10000
    }

    It 'Stops at once' {
        (Measure-Stop 'Invoke-Probe -Count 1000000 -Pause 10').TotalSeconds | Should -BeLessThan $soon
    }

    It 'Stops even when the work hangs' {
        (Measure-Stop 'Invoke-Probe -Count 10 -Pause 600000 -Deaf').TotalSeconds | Should -BeLessThan $soon
    }

    It 'Reports what went wrong in it as an error of the command' {
        $before = Invoke-Probe -Count 3 -Fail Busy -ErrorVariable failure -ErrorAction SilentlyContinue
        $before | Should -Be 0, 1, 2
        $failure[0].FullyQualifiedErrorId | Should -Be 'ProbeFailed,NixStore.Tests.ProbeCommand'
    }

    It 'Shows progress after a second, not more than five times a second, and clears it' {
        $shell = [powershell]::Create([Management.Automation.RunspaceMode]::NewRunspace)
        try {
            $null = $shell.AddScript("Import-Module '$manifest'; Import-Module -Assembly ([AppDomain]::CurrentDomain.GetAssemblies().Where{ `$_.GetType('NixStore.Tests.ProbeCommand') }[0]); Invoke-Probe -Count 200 -Pause 10")
            $times = [NixStore.Tests.RecordTimes]::new($shell.Streams.Progress, 'Probing')
            $shell.Invoke() | Should -HaveCount 200
            $records = $shell.Streams.Progress.Where{ $_.Activity -eq 'Probing' }
            $records.Count | Should -BeGreaterThan 1

            # However long it took: none in the first second, five in each of the others, and the last.
            $times.Seconds[0] | Should -BeGreaterOrEqual 1
            $records.Count | Should -BeLessOrEqual (5 * ($times.Seconds[-1] - 1) + 2)
            $records[-1].RecordType | Should -Be 'Completed'
            @($records.ActivityId | Sort-Object -Unique).Count | Should -Be 1
        }
        finally {
            $shell.Dispose()
        }
    }

    It 'Shows none when it is quick' {
        $shell = [powershell]::Create([Management.Automation.RunspaceMode]::NewRunspace)
        try {
            $null = $shell.AddScript("Import-Module '$manifest'; Import-Module -Assembly ([AppDomain]::CurrentDomain.GetAssemblies().Where{ `$_.GetType('NixStore.Tests.ProbeCommand') }[0]); `$watch = [Diagnostics.Stopwatch]::StartNew(); Invoke-Probe -Count 20; `$watch.Elapsed.TotalSeconds")

            # Where it was not quick, that says nothing, and it is tried again.
            $tries = 0
            do {
                $shell.Streams.Progress.Clear()
                $given = $shell.Invoke()
                $given | Should -HaveCount 21
            } while ($given[20] -ge 1 -and ++$tries -lt 100)

            $given[20] | Should -BeLessThan 1
            $shell.Streams.Progress.Where{ $_.Activity -eq 'Probing' } | Should -BeNullOrEmpty
        }
        finally {
            $shell.Dispose()
        }
    }
}
