BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    $commands = Get-Command -Module NixStore | ForEach-Object { @{ command = $_; name = $_.Name } }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    $common = [Management.Automation.PSCmdlet]::CommonParameters + [Management.Automation.PSCmdlet]::OptionalCommonParameters
}

Describe 'Help of <name>' -ForEach $commands {
    BeforeAll {
        $help = Get-Help $name -Full
    }

    It 'Has a synopsis of its own' {
        $help.Synopsis | Should -Not -BeLike "*$name *"
        $help.Synopsis.Trim() | Should -Not -BeNullOrEmpty
    }

    It 'Has a description' {
        "$($help.description.Text)" | Should -Not -BeNullOrEmpty
    }

    It 'Has an example with code that parses' {
        $code = @($help.examples.example.code)
        $code | Should -Not -BeNullOrEmpty
        foreach ($text in $code) {
            $errors = $null
            $null = [Management.Automation.Language.Parser]::ParseInput($text, [ref] $null, [ref] $errors)
            $errors | Should -BeNullOrEmpty
        }
    }

    It 'Describes every parameter' {
        $described = @{}
        foreach ($parameter in $help.parameters.parameter) { $described[$parameter.name] = "$($parameter.description.Text)" }
        foreach ($parameter in $command.Parameters.Keys | Where-Object { $_ -notin $common }) {
            $described[$parameter] | Should -Not -BeNullOrEmpty -Because "-$parameter needs a description"
        }
    }

    It 'Says what goes in and what comes out' {
        "$($help.returnValues.returnValue.type.name)" | Should -Not -BeNullOrEmpty
        "$($help.inputTypes.inputType.type.name)" | Should -Not -BeNullOrEmpty
    }
}

Describe 'About topics' {
    It 'Are found by Get-Help with a synopsis' {
        $topics = Get-ChildItem (Join-Path $root docs en-US) -Filter about_*.md
        $topics | Should -Not -BeNullOrEmpty
        foreach ($topic in $topics) {
            (Get-Help $topic.BaseName -Category HelpFile) | Should -BeLike "*$($topic.BaseName)*"
        }
    }
}

Describe 'Committed help' {
    It 'Is what docs/en-US gives' {
        if (-not (Get-Module -ListAvailable Microsoft.PowerShell.PlatyPS)) { Set-ItResult -Skipped -Because 'PLATYPS MISSING' }
        $made = Join-Path $TestDrive help
        $log = & (Join-Path $root build child.ps1) -File (Join-Path $root build help.ps1) -Destination $made
        $LASTEXITCODE | Should -Be 0 -Because "$log"
        $committed = Join-Path $root module en-US
        Get-ChildItem $made -Name | Should -Be (Get-ChildItem $committed -Name)
        foreach ($file in Get-ChildItem $made) {
            Get-Content -Raw $file | Should -Be (Get-Content -Raw (Join-Path $committed $file.Name)) -Because './build.sh docs makes it anew'
        }
    }
}
