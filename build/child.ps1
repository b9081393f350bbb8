<#
.SYNOPSIS
Runs this same PowerShell with the arguments given, in a process of its own. As a .NET tool, it is no executable but a library that dotnet runs.
#>
$executable = (Get-Process -Id $PID).Path
$library = @(if ((Split-Path -LeafBase $executable) -eq 'dotnet') { Join-Path $PSHOME pwsh.dll })
& $executable @library -NoProfile -NonInteractive @args
exit $LASTEXITCODE
