# What the demo's store is made of.

# Writes files, and a key that is secret to nobody; gives its public half.
function New-DemoFile {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Directory)

    $noise = [byte[]]::new(200000)
    [Random]::new(1).NextBytes($noise)
    $files = @{
        'hello-1.0/bin/hello'            = "#!/bin/sh`necho Hello`n"
        'hello-1.0/share/greeting'       = "Hello`n"
        'libdemo-2.1/lib/libdemo.so.2.1' = $noise
        'libdemo-2.1/include/demo.h'     = "int demo(void);`n"
        'numbers/numbers'                = 1..50000 -join "`n"
        'manual.txt'                     = "Read it before it is lost.`n"
        'config/etc/demo.conf'           = "color = blue`n"
        'notes/today'                    = "Nothing happened.`n"
        'spare/part'                     = "Nobody touches this one.`n"
    }
    foreach ($name in $files.Keys) {
        $file = Join-Path $Directory files $name
        $null = New-Item -ItemType Directory -Force (Split-Path $file)
        [IO.File]::WriteAllBytes($file, $(if ($files[$name] -is [string]) { [Text.Encoding]::UTF8.GetBytes($files[$name]) } else { $files[$name] }))
    }

    [IO.File]::SetUnixFileMode("$Directory/files/hello-1.0/bin/hello", 0x1ed)
    $null = [IO.File]::CreateSymbolicLink("$Directory/files/hello-1.0/hi", 'bin/hello')
    [IO.File]::WriteAllText("$Directory/secret-key", 'demo-1:qRYxmLnYCzGzxV/fLvjfOpOVjI0Zs9vlhLiBOnH090wGNbjLRaSzsbo/kXP58iDgSZIZqY5idaDcuwAaZM4D9w==')
    'demo-1:BjW4y0Wks7G6P5Fz+fIg4EmSGamOYnWg3LsAGmTOA/c='
}

# Removes all of it: the directories of store objects may not be written to, not even for removal.
function Remove-DemoFile {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Directory)

    Get-ChildItem $Directory -Recurse -Directory -Force | ForEach-Object { [IO.File]::SetUnixFileMode($_.FullName, 0x1ed) }
    [IO.Directory]::Delete($Directory, $true)
}
