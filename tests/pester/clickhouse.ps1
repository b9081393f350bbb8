# What the tests of catalogs on a cluster share: . $PSScriptRoot/clickhouse.ps1 after common.ps1 in BeforeAll.

# Starts a real cluster of two shards; null where it cannot be had. What it gives has Address; Stop-ClickHouseCluster ends it.
function Start-ClickHouseCluster {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param()
    $port = Get-FreePort 0, 1, 2
    $start = [Diagnostics.ProcessStartInfo]::new((Join-Path $root tests interop clickhouse.sh), [string[]]('run', "$port"))
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
    $process = [Diagnostics.Process]::Start($start)
    $address = $process.StandardOutput.ReadLine()
    if ($address) { [pscustomobject]@{ Address = $address; Process = $process } }
}

# Says something to it (kill 2, start 2) and waits for its answer.
function Send-ClickHouseCommand {
    param($Cluster, [string] $Command)
    $Cluster.Process.StandardInput.WriteLine($Command)
    $null = $Cluster.Process.StandardOutput.ReadLine()
}

# It runs until its input ends.
function Stop-ClickHouseCluster {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param($Cluster)
    if ($Cluster) {
        $Cluster.Process.StandardInput.Close()
        $null = $Cluster.Process.WaitForExit(120000)
    }
}
