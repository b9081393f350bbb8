# PlatyPS 1.0.3 puts whole examples into their introduction, Markdown fences and control characters included.
# Get-Help wants the first block of code in dev:code, and what follows in dev:remarks.
function Repair-MamlExample([string] $Path) {
    $maml = [xml]::new()
    $maml.Load($Path)
    foreach ($example in $maml.SelectNodes('//*[local-name() = "example"]')) {
        $introduction = $example.SelectSingleNode('*[local-name() = "introduction"]')
        $code = $example.SelectSingleNode('*[local-name() = "code"]')
        $remarks = $example.SelectSingleNode('*[local-name() = "remarks"]')
        foreach ($paragraph in @($introduction.ChildNodes)) {
            $text = $paragraph.InnerText.Trim([char]0x80, "`n", ' ')
            $fenced = $text -match '(?s)^```\w*\n(.*?)\n?```$'
            if ($fenced) {
                $text = $Matches[1]
            }

            if ($fenced -and -not $code.InnerText) {
                $code.InnerText = $text
                $null = $introduction.RemoveChild($paragraph)
            }
            elseif (-not $text) {
                $null = $introduction.RemoveChild($paragraph)
            }
            elseif ($code.InnerText) {
                $paragraph.InnerText = $text
                $null = $remarks.AppendChild($paragraph)
            }
        }
    }

    $maml.Save($Path)
}
