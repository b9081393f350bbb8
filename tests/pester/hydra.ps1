# What the tests of Hydra's cmdlets share: . $PSScriptRoot/hydra.ps1 after common.ps1 and catalogs.ps1 in BeforeAll.

# Starts a real PostgreSQL with Hydra's tables; null where it cannot be had. What it gives has Address; Stop-HydraDatabase ends it.
function Start-HydraDatabase {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param()
    $port = Get-FreePort
    $start = [Diagnostics.ProcessStartInfo]::new((Join-Path $root tests interop postgres.sh), [string[]]('run', "$port"))
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
    $process = [Diagnostics.Process]::Start($start)
    $address = $process.StandardOutput.ReadLine()
    if ($address) { [pscustomobject]@{ Address = $address; Port = $port; Process = $process } }
}

# It runs until its input ends.
function Stop-HydraDatabase {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param($Server)
    if ($Server) {
        $Server.Process.StandardInput.Close()
        $null = $Server.Process.WaitForExit(120000)
    }
}

# Asks the server. Gives lines.
function Invoke-HydraDatabase {
    param($Server, [string] $Sql)
    $Sql | & (Join-Path $root tests interop postgres.sh) ask $Server.Port
}

# A catalog of a cache with three narinfos, one of whose NARs is gone, and a NAR that nobody names.
function New-SampleCatalog {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Name)
    $directory = Join-Path $TestDrive "$Name-cache"
    $cache = New-SampleCache $directory @(
        @{ Name = 'lib-1.0'; Time = [datetime]'2026-01-01T00:00:00Z' }
        @{ Name = 'app-1.0'; References = "$(Get-SampleHashPart 1)-lib-1.0 $(Get-SampleHashPart 9)-lost-1.0"; Time = [datetime]'2026-01-02T00:00:00Z' }
        @{ Name = 'tool-1.0'; Time = [datetime]'2026-01-02T12:00:00Z' }
    )
    Remove-Item (Join-Path $directory nar 3.nar.xz)
    Set-Content (Join-Path $directory nar nobody.nar.xz) '0123456789' -NoNewline
    $catalog = Join-Path $TestDrive "$Name.catalog"
    $null = Import-BinaryCacheInventory -BinaryCache $cache -Catalog $catalog
    $null = Update-BinaryCacheCatalog $catalog
    $catalog
}
