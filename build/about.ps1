# PlatyPS 1.0 leaves about topics alone, and Get-Help reads only plain text: headings flush left, everything else indented.
# Without a blank line after the heading, since Get-Help takes the topic's synopsis from the fifth line.
function ConvertTo-AboutTopic([string[]] $Markdown) {
    $code = $false
    $heading = $false
    foreach ($line in $Markdown) {
        if ($line -match '^```') {
            $code = -not $code
        }
        elseif ($line -eq '') {
            if (-not $heading) { '' }
        }
        elseif ($code) {
            "        $line"
        }
        elseif ($line -match '^# (.+)') {
            'TOPIC'
            "    $($Matches[1])"
        }
        elseif ($line -match '^## (.+)') {
            $Matches[1].ToUpperInvariant()
        }
        elseif ($line -match '^### (.+)') {
            "  $($Matches[1])"
        }
        else {
            '    ' + ($line -replace '\[([^]]+)\]\([^)]+\)', '$1' -replace '[`*]{1,2}([^`*]+)[`*]{1,2}', '$1')
        }

        $heading = $line -match '^##' -and -not $code
    }
}
