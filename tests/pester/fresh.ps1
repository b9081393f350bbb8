# The other end of Invoke-FreshPowerShell.
param([string] $Exchange)

$call = Import-Clixml (Join-Path $Exchange in.xml)
$arguments = $call.Arguments
& ([scriptblock]::Create($call.Script)) @arguments | Export-Clixml (Join-Path $Exchange out.xml)
