BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/sample.ps1
    $env:NIX_CONFIG = 'substituters ='
    $sample = New-SampleStore "$TestDrive/sample"
    $id = 'NixStore.PowerShell.Commands.RepairStorePathCommand'

    # Empties the library, which needs a source to be repaired.
    function Edit-Library($Copy) { Edit-StoreFile "$($Copy.Path['libdemo-2.1'].RealPath)/lib/libdemo.so.2.1" { } }

    # A row without a usable hash and changed files: only what somebody says of the path can tell what it should be.
    function Edit-LibraryAndRow($Copy) {
        Edit-StoreRow $Copy.Path['libdemo-2.1']
        Edit-Library $Copy
    }

    # Removes fields from the narinfo of the library. Without CA, the path's name proves nothing.
    function Edit-NarInfo($Copy, [string] $Field) {
        $file = "$($Copy.Directory)/cache/$($Copy.Path['libdemo-2.1'].HashPart).narinfo"
        (Get-Content $file) -notmatch "^($Field):" | Set-Content $file
    }

    function Confirm-Healthy($Copy) {
        $paths = Get-StorePath -Store $Copy.Store -CheckContents
        $paths | Should -HaveCount 7
        $paths.State | Sort-Object -Unique | Should -Be 'Valid'
        Invoke-RealVerify $Copy.Store | Should -Be 0
        Get-ChildItem -Force "$($Copy.Root)/nix/store" -Name | Where-Object { $_ -notin $paths.StorePath.BaseName } | Should -BeIn '.links'
    }
}

AfterAll {
    $env:NIX_CONFIG = $null
}

Describe 'Get-StorePath -CheckContents | Where-Object Invalid | Repair-StorePath' {
    It 'Repairs <what>' -ForEach @(
        @{ what = 'an empty file'; name = 'libdemo-2.1'; damage = { Edit-StoreFile "$path/lib/libdemo.so.2.1" { } } }
        @{ what = 'a flipped bit'; name = 'numbers'; damage = { Edit-StoreFile "$path/numbers" { param($b) $b[99] = $b[99] -bxor 1; $b } } }
        @{ what = 'a truncated file'; name = 'numbers'; damage = { Edit-StoreFile "$path/numbers" { param($b) $b[0..4095] } } }
        @{ what = 'a file of NUL bytes'; name = 'numbers'; damage = { Edit-StoreFile "$path/numbers" { param($b) [byte[]]::new($b.Length) } } }
        @{ what = 'a missing path'; name = 'libdemo-2.1'; damage = { chmod -R u+w $path; rm -r $path } }
        @{ what = 'a missing file'; name = 'hello-1.0'; damage = { Edit-StoreDirectory "$path/share" { rm -f "$path/share/greeting" } } }
        @{ what = 'an extra file'; name = 'config'; damage = { Edit-StoreDirectory "$path/etc" { Set-Content "$path/etc/x" x } } }
        @{ what = 'a link to somewhere else'; name = 'hello-1.0'; damage = { Edit-StoreDirectory $path { ln -sfn /etc/passwd "$path/hi" } } }
        @{ what = 'a directory instead of a file'; name = 'manual.txt'; damage = { rm -f $path; $null = mkdir $path } }
        @{ what = 'a lost executable bit'; name = 'hello-1.0'; damage = { chmod 0444 "$path/bin/hello" } }
        @{ what = 'a wrong mode'; name = 'notes'; damage = { chmod 0666 "$path/today" } }
        @{ what = 'a wrong time'; name = 'notes'; damage = { touch "$path/today" } }
        @{ what = 'a malformed row'; name = 'notes'; damage = { Edit-StoreRow $copy.Path['notes'] } }
        @{ what = 'a malformed row and files'; name = 'libdemo-2.1'; damage = { Edit-LibraryAndRow $copy } }
    ) {
        $copy = Copy-SampleStore $sample
        $path = $copy.Path[$name].RealPath
        . $damage

        $result = Get-StorePath -Store $copy.Store -CheckContents | Where-Object Invalid |
            Repair-StorePath -Source $copy.Cache -TrustedPublicKey $copy.Key -ErrorVariable failures

        $failures | Should -BeNullOrEmpty
        $result | Should -HaveCount 1
        $result | Should -BeOfType NixStore.StorePathRepair
        $result.Path | Should -Be $copy.Path[$name].Path
        $result.Store | Should -Be $copy.Store
        $result.Outcome | Should -Be 'Repaired'
        $result.Problems | Should -Not -BeNullOrEmpty
        Confirm-Healthy $copy
    }

    It 'Repairs all of it at once, and says where each came from' {
        $copy = Copy-SampleStore $sample
        foreach ($damage in Get-DemoDamage) { & $damage.Apply $copy.Path[$damage.Name] }
        $results = Get-StorePath -Store $copy.Store -CheckContents | Where-Object Invalid | Repair-StorePath -Source $copy.Cache -TrustedPublicKey $copy.Key
        $results | Should -HaveCount 6
        $results.Outcome | Sort-Object -Unique | Should -Be 'Repaired'
        ($results | Where-Object Path -Like *libdemo*).Source | Should -Be $copy.Cache
        ($results | Where-Object Path -Like *libdemo*).Files | Should -Be 'lib/libdemo.so.2.1'
        ($results | Where-Object Path -Like *libdemo*).BytesWritten | Should -Be 200000
        Confirm-Healthy $copy
    }

    It 'Finds missing paths and malformed rows without -CheckContents' {
        $copy = Copy-SampleStore $sample
        rm -f $copy.Path['manual.txt'].RealPath
        Edit-StoreRow $copy.Path['notes']
        $results = Get-StorePath -Store $copy.Store | Where-Object Invalid | Repair-StorePath -Source $copy.Cache
        $results | Should -HaveCount 2
        Confirm-Healthy $copy
    }

    It 'Goes back to the store that each object came from' {
        $one, $two = (Copy-SampleStore $sample), (Copy-SampleStore $sample)
        Edit-Library $one
        Edit-Library $two
        $results = $one, $two | Get-StorePath -CheckContents | Where-Object Invalid | Repair-StorePath -Source $one.Cache
        $results.Store | Should -Be $one.Store, $two.Store
        Confirm-Healthy $one
        Confirm-Healthy $two
    }

    It 'Takes objects that were kept, written to a file and read again' {
        $copy = Copy-SampleStore $sample
        Edit-Library $copy
        Get-StorePath -Store $copy.Store -CheckContents | Where-Object Invalid | Export-Clixml "$TestDrive/kept.xml"
        (Import-Clixml "$TestDrive/kept.xml" | Repair-StorePath -Source $copy.Cache).Outcome | Should -Be 'Repaired'
        Confirm-Healthy $copy
    }
}

Describe 'Repair-StorePath' {
    It 'Leaves valid paths alone' {
        $copy = Copy-SampleStore $sample
        $before = Get-TreeText "$($copy.Root)/nix/store"
        $results = Get-StorePath -Store $copy.Store | Repair-StorePath
        $results | Should -HaveCount 7
        $results.Outcome | Sort-Object -Unique | Should -Be 'AlreadyValid'
        Get-TreeText "$($copy.Root)/nix/store" | Should -Be $before
    }

    It 'Takes wildcards, names, full paths, real paths and paths inside' {
        $copy = Copy-SampleStore $sample
        (Repair-StorePath *numbers, *config -Store $copy.Store).Path | Sort-Object | Should -Be @($copy.Path['config', 'numbers'].Path | Sort-Object)
        $path = $copy.Path['hello-1.0']
        foreach ($text in $path.Path, $path.StorePath.BaseName, $path.RealPath, "$($path.Path)/bin/hello") {
            (Repair-StorePath -LiteralPath $text -Store $copy.Store).Path | Should -Be $path.Path
        }
        Repair-StorePath *nosuch* -Store $copy.Store | Should -BeNullOrEmpty
    }

    It 'Gives with -PassThru the paths as they are then' {
        $copy = Copy-SampleStore $sample
        Edit-Library $copy
        $path = Repair-StorePath *libdemo* -Store $copy.Store -Source $copy.Cache -PassThru
        $path | Should -BeOfType NixStore.StorePathInfo
        $path.State | Should -Be 'Valid'
        $path.ContentsChecked | Should -BeTrue
        $path | Test-StorePath | Should -BeTrue
    }

    It 'Can be followed by another cmdlet' {
        $copy = Copy-SampleStore $sample
        (Get-StorePath *notes -Store $copy.Store | Repair-StorePath | Get-StorePath).Path | Should -Be $copy.Path['notes'].Path
    }

    It 'Changes nothing with -WhatIf' {
        $copy = Copy-SampleStore $sample
        Edit-Library $copy
        rm -f $copy.Path['manual.txt'].RealPath
        $before = Get-TreeText $copy.Directory
        Get-StorePath -Store $copy.Store -CheckContents | Where-Object Invalid |
            Repair-StorePath -Source $copy.Cache -TrustedPublicKey $copy.Key -WhatIf | Should -BeNullOrEmpty
        Get-TreeText $copy.Directory | Should -Be $before
        Get-ChildItem "$($copy.Root)/nix/var/nix/temproots" | Should -BeNullOrEmpty
    }

    It 'Keeps its table within 120 columns' {
        $copy = Copy-SampleStore $sample
        Edit-Library $copy
        $text = Repair-StorePath * -Store $copy.Store -Source $copy.Cache | Out-String -Width 120
        $text | Should -BeLike '*Repaired*libdemo-2.1*'
    }
}

Describe '-Source' {
    BeforeEach {
        $copy = Copy-SampleStore $sample
        Edit-Library $copy
    }

    It 'Takes another store, a directory with one, and a directory with a cache' {
        $other = Copy-SampleStore $sample
        foreach ($source in $other.Store, $other.Root, "$($other.Directory)/cache") {
            (Repair-StorePath *libdemo* -Store $copy.Store -Source $source).Outcome | Should -Be 'Repaired'
            Edit-Library $copy
        }
    }

    It 'Takes directories relative to the location' {
        Push-Location $copy.Directory
        try { (Repair-StorePath *libdemo* -Store $copy.Store -Source ./cache).Outcome | Should -Be 'Repaired' } finally { Pop-Location }
    }

    It 'Defaults to the substituters of nix.conf' {
        $env:NIX_CONFIG = "substituters = $($copy.Cache)"
        try { (Repair-StorePath *libdemo* -Store $copy.Store).Source | Should -Be $copy.Cache } finally { $env:NIX_CONFIG = 'substituters =' }
    }

    It 'Warns of one that cannot be opened, and goes on with the others' {
        $result = Repair-StorePath *libdemo* -Store $copy.Store -Source "file://$TestDrive/nosuch", $copy.Cache -WarningVariable warnings -WarningAction SilentlyContinue -ErrorVariable failures
        $result.Outcome | Should -Be 'Repaired'
        "$warnings" | Should -BeLike "*file://$TestDrive/nosuch*"
        $failures | Should -BeNullOrEmpty
    }

    It 'Makes an error of it when a path could not be repaired without' {
        $result = Repair-StorePath *libdemo* -Store $copy.Store -Source "file://$TestDrive/nosuch" -WarningAction SilentlyContinue -ErrorVariable failures -ErrorAction SilentlyContinue
        $result.Outcome | Should -Be 'Failed'
        $failures.FullyQualifiedErrorId | Should -Be "NotABinaryCache,$id", "PathNotRepairable,$id"
    }

    It 'Is not opened when it is not needed' {
        $result = Repair-StorePath *notes -Store $copy.Store -Source "file://$TestDrive/nosuch" -WarningVariable warnings
        $result.Outcome | Should -Be 'AlreadyValid'
        $warnings | Should -BeNullOrEmpty
    }

    It 'Leaves the path as it was when it gives something else' {
        $nar = Get-ChildItem "$($copy.Directory)/cache/nar" | Sort-Object Length -Descending | Select-Object -First 1
        Get-ChildItem "$($copy.Directory)/cache/nar" | ForEach-Object { if ($_.FullName -ne $nar.FullName) { Copy-Item $nar $_ } }
        Set-Content $nar 'no archive'
        $before = Get-TreeText "$($copy.Root)/nix/store"
        $result = Repair-StorePath *libdemo* -Store $copy.Store -Source $copy.Cache -ErrorVariable failures -ErrorAction SilentlyContinue
        $result.Outcome | Should -Be 'Failed'
        $failures.FullyQualifiedErrorId | Should -Be "PathNotRepairable,$id"
        Get-TreeText "$($copy.Root)/nix/store" | Should -Be $before
    }

    It 'Is completed' {
        (TabExpansion2 'Repair-StorePath x -Source fil').CompletionMatches.ListItemText | Should -Contain 'file:///'
    }
}

Describe 'A row that is damaged together with the files' {
    BeforeEach {
        $copy = Copy-SampleStore $sample
        Edit-LibraryAndRow $copy
        Edit-NarInfo $copy 'CA'
    }

    It 'Is repaired by the word of a trusted key' {
        (Repair-StorePath *libdemo* -Store $copy.Store -Source $copy.Cache -TrustedPublicKey $copy.Key).Outcome | Should -Be 'Repaired'
        Confirm-Healthy $copy
    }

    It 'Is not repaired by the word of <who>' -ForEach @(
        @{ who = 'nobody'; field = 'Sig'; key = 'demo-1' }
        @{ who = 'a stranger'; field = 'None'; key = 'other-1' }
        @{ who = 'a stranger of the same name'; field = 'None'; key = 'demo-1-forged' }
    ) {
        Edit-NarInfo $copy $field
        $keys = @{
            'demo-1'        = $copy.Key
            'other-1'       = $copy.Key -replace 'demo-1', 'other-1'
            'demo-1-forged' = 'demo-1:' + [Convert]::ToBase64String([byte[]](1..32))
        }
        $before = Get-TreeText "$($copy.Root)/nix/store"
        $result = Repair-StorePath *libdemo* -Store $copy.Store -Source $copy.Cache -TrustedPublicKey $keys[$key] -ErrorVariable failures -ErrorAction SilentlyContinue
        $result.Outcome | Should -Be 'Failed'
        $failures.FullyQualifiedErrorId | Should -Be "PathNotRepairable,$id"
        $failures[0].TargetObject | Should -Be $copy.Path['libdemo-2.1'].Path
        $failures[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $failures[0].ErrorDetails.RecommendedAction | Should -BeLike '*-TrustedPublicKey*'
        Get-TreeText "$($copy.Root)/nix/store" | Should -Be $before
    }

    It 'Is repaired by the word of nobody with -SkipSignatureCheck' {
        Edit-NarInfo $copy 'Sig'
        (Repair-StorePath *libdemo* -Store $copy.Store -Source $copy.Cache -TrustedPublicKey @() -SkipSignatureCheck).Outcome | Should -Be 'Repaired'
        Confirm-Healthy $copy
    }

    It 'Is made to fit the files with -AssumeContents, under a warning' {
        $result = Repair-StorePath *libdemo* -Store $copy.Store -AssumeContents -WarningVariable warnings -WarningAction SilentlyContinue
        $result.Outcome | Should -Be 'Repaired'
        $result.Columns | Should -Contain 'hash'
        $warnings | Should -HaveCount 1
    }
}

Describe 'Errors' {
    It 'Are one for each path that cannot be repaired, and the others go on' {
        $copy = Copy-SampleStore $sample
        foreach ($damage in Get-DemoDamage) { & $damage.Apply $copy.Path[$damage.Name] }
        $results = Get-StorePath -Store $copy.Store -CheckContents | Where-Object Invalid | Repair-StorePath -Source @() -ErrorVariable failures -ErrorAction SilentlyContinue
        $results | Should -HaveCount 6
        ($results | Where-Object Outcome -EQ Failed).Path | Sort-Object | Should -Be @($copy.Path['libdemo-2.1', 'numbers', 'manual.txt'].Path | Sort-Object)
        ($results | Where-Object Outcome -EQ Failed).Problems | Should -Not -BeNullOrEmpty
        $failures | Should -HaveCount 3
        $failures.FullyQualifiedErrorId | Sort-Object -Unique | Should -Be "PathNotRepairable,$id"
        Repair-StorePath *libdemo* -Store $copy.Store -Source @() -PassThru -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
    }

    It 'Name what is not registered, no path, or not there' {
        $copy = Copy-SampleStore $sample
        $stray = '0123456789abcdfghijklmnpqrsvwxyz-stray'
        Set-Content "$($copy.Root)/nix/store/$stray" x
        "/nix/store/$stray", 'nonsense', '/etc/passwd', '*notes' | Repair-StorePath -Store $copy.Store -ErrorVariable failures -ErrorAction SilentlyContinue |
            Should -HaveCount 1
        $failures.FullyQualifiedErrorId | Should -Be "PathNotRegistered,$id", "InvalidStorePath,$id", "NotInStoreDirectory,$id"
        Get-StorePath $stray -IncludeUnregistered -Store $copy.Store | Repair-StorePath -ErrorVariable failures -ErrorAction SilentlyContinue
        $failures.FullyQualifiedErrorId | Should -Be "PathNotRegistered,$id"
    }

    It 'Come once for a store that may not be written' {
        $copy = Copy-SampleStore $sample
        Edit-Library $copy
        Get-StorePath -Store "$($copy.Store)&read-only=true" | Repair-StorePath -ErrorVariable failures -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failures.FullyQualifiedErrorId | Should -Be "StoreReadOnly,$id"
    }

    It 'End the command when a key is none' {
        $copy = Copy-SampleStore $sample
        { Repair-StorePath * -Store $copy.Store -TrustedPublicKey nonsense } | Should -Throw -ErrorId "InvalidPublicKey,$id"
    }

    It 'End the command when the store directory is empty, unless -Force says to fill it' {
        $copy = Copy-SampleStore $sample
        chmod -R u+w "$($copy.Root)/nix/store"
        rm -r "$($copy.Root)/nix/store"
        $null = mkdir -m 1775 "$($copy.Root)/nix/store"
        { Repair-StorePath * -Store $copy.Store -Source $copy.Cache } | Should -Throw -ErrorId "StoreDirectoryEmpty,$id"
        Get-ChildItem "$($copy.Root)/nix/store" | Should -BeNullOrEmpty
        $results = Repair-StorePath * -Store $copy.Store -Source $copy.Cache -Force
        $results | Should -HaveCount 7
        $results.Outcome | Sort-Object -Unique | Should -Be 'Repaired'
        Confirm-Healthy $copy
    }
}

Describe 'Ctrl+C' {
    BeforeAll {
        # Runs a pipeline on another thread until a condition holds, and stops it as Ctrl+C does. Gives what it wrote and how long the stop took.
        function Invoke-AndStop([string] $Script, [scriptblock] $When) {
            $shell = [powershell]::Create([Management.Automation.RunspaceMode]::NewRunspace)
            try {
                $null = $shell.AddScript("Import-Module '$manifest'; $Script")
                $output = [Management.Automation.PSDataCollection[psobject]]::new()
                $run = $shell.BeginInvoke([Management.Automation.PSDataCollection[psobject]]::new(), $output)
                Wait-Condition { $run.IsCompleted -or (& $When) }
                $watch = [Diagnostics.Stopwatch]::StartNew()
                $shell.Stop()
                [pscustomobject]@{ Output = $output; State = $shell.InvocationStateInfo.State; Seconds = $watch.Elapsed.TotalSeconds }
            }
            finally {
                $shell.Dispose()
            }
        }
    }

    It 'Ends waiting for a server that does not answer' {
        $copy = Copy-SampleStore $sample
        Edit-Library $copy
        $server = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $server.Start()
        try {
            $stop = Invoke-AndStop "Repair-StorePath *libdemo* -Store '$($copy.Store)' -Source http://127.0.0.1:$($server.LocalEndpoint.Port)" { $server.Pending() }
        }
        finally {
            $server.Stop()
        }

        $stop.State | Should -Be 'Stopped'
        $stop.Seconds | Should -BeLessThan $soon
        (Repair-StorePath *libdemo* -Store $copy.Store -Source $copy.Cache).Outcome | Should -Be 'Repaired'
        Confirm-Healthy $copy
    }

    It 'Ends waiting for a path that another Nix has locked' {
        $copy = Copy-SampleStore $sample
        Edit-Library $copy
        $holder = Start-LockHolder "$($copy.Path['libdemo-2.1'].RealPath).lock"
        try {
            $stop = Invoke-AndStop "Repair-StorePath *libdemo* -Store '$($copy.Store)' -Source $($copy.Cache)" { Get-ChildItem "$($copy.Root)/nix/var/nix/temproots" }
        }
        finally {
            $holder.Kill($true)
        }

        $stop.State | Should -Be 'Stopped'
        $stop.Seconds | Should -BeLessThan $soon
        (Repair-StorePath *libdemo* -Store $copy.Store -Source $copy.Cache).Outcome | Should -Be 'Repaired'
        Confirm-Healthy $copy
    }

    It 'Stops at once, leaves nothing behind, and the next run completes' {
        # Where all are repaired before anybody could stop that, there are more the next time.
        $count = 20
        do {
            $count *= 2
            $count | Should -BeLessThan 2000 -Because 'something must be left to repair'
            $directory = "$TestDrive/many-$count"
            $null = mkdir -p $directory/files
            1..$count | ForEach-Object { Set-Content "$directory/files/file-$_" ("line $_ " * 20000) }
            $store = "local?root=$directory/root"
            $paths = Import-StorePath $directory/files/* -Store $store
            $paths | Export-StorePath -BinaryCache file://$directory/cache
            $paths | ForEach-Object { rm -f $_.RealPath }
            $stop = Invoke-AndStop "Get-StorePath -Store '$store' -Force | Repair-StorePath -Source 'file://$directory/cache' -Force" { $output.Count -ge 2 }
        } while ($stop.State -eq 'Completed')

        $stop.State | Should -Be 'Stopped'
        $stop.Seconds | Should -BeLessThan $soon
        $stop.Output.Count | Should -BeLessThan $count

        # Work that hangs in the kernel does not hold Ctrl+C for more than a second, and clears up when it comes back.
        Wait-Condition { -not (Get-ChildItem -Force $directory/root/nix/store -Name | Where-Object { $_ -notin $paths.StorePath.BaseName -and $_ -ne '.links' }) }
        $left = Get-StorePath -Store $store -CheckContents | Where-Object Invalid
        $left.State | Sort-Object -Unique | Should -Be 'Missing'
        $left | Repair-StorePath -Source file://$directory/cache | Should -HaveCount $left.Count
        Get-StorePath -Store $store -CheckContents | Where-Object Invalid | Should -BeNullOrEmpty
        Invoke-RealVerify $store | Should -Be 0
    }
}
