BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    $commands = Get-Command -Module NixStore | ForEach-Object { @{ command = $_; name = $_.Name } }
    $types = (Get-Command -Module NixStore).OutputType.Type | Where-Object { $_.Namespace -like 'NixStore*' } | Sort-Object -Unique FullName |
        ForEach-Object { @{ type = $_; name = $_.FullName } }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest

    # Verbs that only look; whatever else there is changes something.
    $looking = 'Get', 'Find', 'Test', 'Measure', 'Compare', 'Trace', 'ConvertTo', 'ConvertFrom', 'Resolve', 'Select', 'Wait', 'Watch'
    # A plan to collect garbage is an object in memory: making one changes nothing.
    $planning = 'New-StoreGarbagePlan'

    # These look, and can write down what they have seen.
    $writing = 'Test-BinaryCachePrunePlan'
}

Describe '<name>' -ForEach $commands {
    It 'Has an approved verb and a singular noun' {
        (Get-Verb).Verb | Should -Contain $command.Verb
        $command.Noun | Should -Not -Match '[^s]s$'
    }

    It 'Has singular parameter names' {
        $command.ImplementingType.GetProperties().Where{ $_.IsDefined([Management.Automation.ParameterAttribute], $true) }.Name | Should -Not -Match '(?<!^Max)(Paths|Names|Sources|Keys|Files|Stores)$'
    }

    It 'Declares what it gives' {
        $command.OutputType | Should -Not -BeNullOrEmpty
    }

    It 'Offers -WhatIf if it changes something, and only then' {
        $attribute = $command.ImplementingType.GetCustomAttributes([Management.Automation.CmdletAttribute], $false)
        $changes = $name -eq $writing -or ($command.Verb -notin $looking -and $name -ne $planning)
        $attribute.SupportsShouldProcess | Should -Be $changes
    }

    It 'Takes one parameter by value at most in each parameter set' {
        foreach ($set in $command.ParameterSets) {
            @($set.Parameters | Where-Object ValueFromPipeline).Count | Should -BeLessOrEqual 1
        }
    }

    It 'Shows no type of a package' {
        $parameters = $command.ImplementingType.GetProperties().Where{ $_.IsDefined([Management.Automation.ParameterAttribute], $true) }
        foreach ($type in @($parameters.PropertyType) + @($command.OutputType.Type) | Where-Object { $_ }) {
            $element = if ($type.IsArray) { $type.GetElementType() } else { $type }
            [Runtime.Loader.AssemblyLoadContext]::GetLoadContext($element.Assembly).Name | Should -Be 'Default'
        }
    }
}

Describe 'Output type <name>' -ForEach $types {
    It 'Has a view' {
        Get-FormatData -TypeName $name | Should -Not -BeNullOrEmpty
    }
}

Describe 'Scripts' {
    It 'Please the analyzer' {
        if (-not (Get-Module -ListAvailable PSScriptAnalyzer)) { Set-ItResult -Skipped -Because 'PSSCRIPTANALYZER MISSING' }
        $log = & (Join-Path $root build child.ps1) -File (Join-Path $root build.ps1) -Task Analyze
        $LASTEXITCODE | Should -Be 0 -Because ($log -join "`n")
    }
}
