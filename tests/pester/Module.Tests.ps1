BeforeAll {
    . $PSScriptRoot/common.ps1
}

Describe 'Manifest' {
    It 'Is valid' {
        Test-ModuleManifest $manifest | Should -Not -BeNullOrEmpty
    }

    It 'Has the version of Directory.Build.props' {
        (Import-PowerShellDataFile $manifest).ModuleVersion | Should -Be $version
    }

    It 'Exports exactly the cmdlets that there are' {
        $data = Import-PowerShellDataFile $manifest
        $classes = Invoke-FreshPowerShell {
            Import-Module $args[0]
            $all = [AppDomain]::CurrentDomain.GetAssemblies().Where{ $_.GetName().Name -eq 'NixStore.PowerShell' }.GetTypes()
            $all.ForEach{ $_.GetCustomAttributes([Management.Automation.CmdletAttribute], $false) }.ForEach{ "$($_.VerbName)-$($_.NounName)" }
        }
        $data.CmdletsToExport | Sort-Object | Should -Be ($classes | Sort-Object)
        @($data.FunctionsToExport) + $data.AliasesToExport + $data.VariablesToExport | Should -BeNullOrEmpty
        Invoke-FreshPowerShell { Import-Module $args[0]; (Get-Command -Module NixStore).Name } | Sort-Object | Should -Be ($data.CmdletsToExport | Sort-Object)
    }

    It 'Ships neither PowerShell itself nor a second Model' {
        $files = Get-ChildItem (Split-Path $manifest) -Recurse -File
        $files.Name | Should -Not -Contain 'System.Management.Automation.dll'
        @($files.Name -eq 'NixStore.Model.dll').Count | Should -Be 1
        Get-ChildItem (Join-Path (Split-Path $manifest) lib runtimes) -Name | Should -BeIn 'linux-x64', 'linux-arm64', 'linux-musl-x64', 'linux-musl-arm64', 'osx-arm64'
    }
}

Describe 'Import' {
    It 'Works in a fresh session, and how long it takes is printed' {
        $times = 1..3 | ForEach-Object {
            Invoke-FreshPowerShell {
                $watch = [Diagnostics.Stopwatch]::StartNew()
                Import-Module $args[0]
                $watch.ElapsedMilliseconds
            }
        }
        Write-Host "import in a fresh session: $($times -join ', ') ms"
        $times | Should -HaveCount 3
    }

    It 'Makes the types of the pipelines known to scripts' {
        Invoke-FreshPowerShell { Import-Module $args[0]; [NixStore.StorePathInfo].FullName } | Should -Be 'NixStore.StorePathInfo'
    }

    It 'Works <name>' -ForEach @(
        @{ name = 'with -Force'; script = { Import-Module $args[0]; Import-Module $args[0] -Force } }
        @{ name = 'twice'; script = { Import-Module $args[0]; Import-Module $args[0] } }
        @{ name = 'after Remove-Module'; script = { Import-Module $args[0]; Remove-Module NixStore; Import-Module $args[0] } }
        @{ name = 'by name'; script = { $env:PSModulePath = Split-Path (Split-Path (Split-Path $args[0])); Import-Module NixStore } }
    ) {
        $check = {
            $ErrorActionPreference = 'Stop'
            . ([scriptblock]::Create($args[1])) $args[0]
            (Get-Module NixStore).ExportedCmdlets.Count
            [Reflection.Assembly]::Load('NixStore.Engine').GetName().Name
            @([Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -EQ NixStore).Count
        }
        $expected = @((Import-PowerShellDataFile $manifest).CmdletsToExport).Count, 'NixStore.Engine', 1
        Invoke-FreshPowerShell $check "$script" | Should -Be $expected
    }

    It 'Works in parallel runspaces, and goes on working when one of them removes it' {
        $counts = Invoke-FreshPowerShell {
            $path = $args[0]
            1..4 | ForEach-Object -Parallel { Import-Module $using:path; (Get-Module NixStore).ExportedCmdlets.Count; Remove-Module NixStore }
            Import-Module $path
            $null = [Reflection.Assembly]::Load('NixStore.Caches')
            (Get-Module NixStore).ExportedCmdlets.Count
        }
        $counts | Should -Be (@(@((Import-PowerShellDataFile $manifest).CmdletsToExport).Count) * 5)
    }
}

Describe 'Load context' {
    It 'Has only the cmdlets, their initializer and the Model in the default context' {
        $names = Invoke-FreshPowerShell {
            Import-Module $args[0]
            $null = [Reflection.Assembly]::Load('NixStore.Engine'), [Reflection.Assembly]::Load('NixStore.Caches')
            [Runtime.Loader.AssemblyLoadContext]::Default.Assemblies.ForEach{ $_.GetName().Name } -like 'NixStore*'
        }
        $names | Sort-Object | Should -Be 'NixStore.Model', 'NixStore.PowerShell', "NixStore.PowerShell.Init.$version"
    }

    It 'Shares the Model between both contexts' {
        $locations = Invoke-FreshPowerShell {
            Import-Module $args[0]
            $engine = [Reflection.Assembly]::Load('NixStore.Engine')
            $null = $engine.GetTypes()
            [AppDomain]::CurrentDomain.GetAssemblies().Where{ $_.GetName().Name -eq 'NixStore.Model' }.Location
        }
        $locations | Should -Be (Join-Path (Split-Path $manifest) NixStore.Model.dll)
    }

    It 'Uses its own SQLite beside a module that brings another one, whoever comes first' {
        dotnet build (Join-Path $PSScriptRoot OtherSqlite) --output (Join-Path $TestDrive OtherSqlite) --artifacts-path (Join-Path $TestDrive artifacts) --use-current-runtime -v quiet | Out-Host
        $LASTEXITCODE | Should -Be 0
        $script = {
            $ErrorActionPreference = 'Stop'
            Import-Module $args[1]
            if ($args[2]) { $other = Get-OtherSqlite }
            Import-Module $args[0]
            $context = [Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -EQ NixStore
            $type = $context.LoadFromAssemblyName([Reflection.AssemblyName]'Microsoft.Data.Sqlite').GetType('Microsoft.Data.Sqlite.SqliteConnection')
            $connection = $type::new('Data Source=:memory:')
            $connection.Open()
            if (-not $args[2]) { $other = Get-OtherSqlite }
            [pscustomobject]@{
                Own          = $type.Assembly.GetName().Version.Major
                Location     = $type.Assembly.Location
                OwnSqlite    = $connection.ServerVersion
                Other        = $other.AssemblyVersion.Major
                OtherSqlite  = $other.SqliteVersion
                NativeCopies = @(Get-Content /proc/self/maps | Where-Object { $_ -match '/libe_sqlite3' } | ForEach-Object { ($_ -split '\s+')[5] } | Sort-Object -Unique).Count
            }
        }
        foreach ($otherFirst in $true, $false) {
            $result = Invoke-FreshPowerShell $script (Join-Path $TestDrive OtherSqlite OtherSqlite.dll), $otherFirst
            $result.Own | Should -Be 10
            $result.Other | Should -Be 9
            $result.Location | Should -BeLike "$(Split-Path $manifest)/lib/*"
            $result.OwnSqlite, $result.OtherSqlite | Should -Match '^3\.'
            $result.NativeCopies | Should -Be 2
        }
    }

    It 'Finds native libraries for a runtime that deps.json does not know' {
        $copy = Join-Path $TestDrive copy
        Copy-Item -Recurse (Split-Path $manifest) $copy
        $dependencies = Get-Item (Join-Path $copy lib *.deps.json)
        (Get-Content -Raw $dependencies) -replace '"rid": "[^"]+"', '"rid": "plan9-x64"' | Set-Content $dependencies
        Invoke-FreshPowerShell {
            Import-Module $args[1]
            $context = [Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -EQ NixStore
            $connection = $context.LoadFromAssemblyName([Reflection.AssemblyName]'Microsoft.Data.Sqlite').GetType('Microsoft.Data.Sqlite.SqliteConnection')::new('Data Source=:memory:')
            $connection.Open()
            $connection.ServerVersion
        } (Join-Path $copy NixStore.psd1) | Should -Match '^3\.'
    }

    It 'Refuses a second version of the module in one process, and says what to do' {
        # Only the initializer needs to be really another one; the rest of the other version is never looked at.
        $other = Join-Path $TestDrive other
        Copy-Item -Recurse (Split-Path $manifest) $other
        foreach ($file in Get-Item (Join-Path $other *.psd1)) {
            (Get-Content -Raw $file).Replace($version, '99.0.0') | Set-Content $file
        }
        dotnet build (Join-Path $root src NixStore.PowerShell.Init) --output $other --artifacts-path (Join-Path $TestDrive artifacts) -v quiet -p:Version=99.0.0 | Out-Host
        $LASTEXITCODE | Should -Be 0
        $result = Invoke-FreshPowerShell {
            Import-Module $args[0]
            try { Import-Module $args[1] } catch { $_.FullyQualifiedErrorId, $_.ErrorDetails.RecommendedAction, "$_" }
            "$((Get-Module NixStore).Version)"
        } (Join-Path $other NixStore.psd1)
        $result[0] | Should -Be 'NixStoreVersionLoaded,Microsoft.PowerShell.Commands.ImportModuleCommand'
        $result[1] | Should -Be 'Start a new session.'
        $result[2] | Should -BeLike "*$version*99.0.0*"
        $result[3] | Should -Be $version
    }
}
