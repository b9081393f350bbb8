# The build replaces 0.0.0 by Version of Directory.Build.props.
@{
    RootModule           = 'NixStore.PowerShell.dll'
    # Init first: it readies the load context that RootModule's types need, and refuses to be the second version in a process.
    # The type file comes after it, in a manifest of its own: here, PowerShell would read it before and fail on the members of the other version.
    NestedModules        = @('NixStore.PowerShell.Init.0.0.0.dll', 'NixStore.Types.psd1')
    ModuleVersion        = '0.0.0'
    GUID                 = 'b27b6a0f-4a23-437e-bf8d-4dca9497c62a'
    Author               = 'The NixStore developers'
    CompanyName          = 'The NixStore developers'
    Copyright            = '(c) The NixStore developers. MIT license.'
    Description          = 'Inspect, verify, repair and clean Nix stores and binary caches in pipelines of objects, beside a running Nix or without any.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('NixStore.Format.ps1xml')
    CmdletsToExport      = @(
        'Add-BinaryCacheRoot'
        'Add-StorePathSignature'
        'Approve-BinaryCachePrunePlan'
        'Backup-StoreDatabase'
        'Clear-StoreTrash'
        'Compare-BinaryCachePrunePlan'
        'Compare-StoreGarbagePlan'
        'ConvertTo-OverlayStoreConfiguration'
        'Copy-StorePath'
        'Dismount-OverlayStore'
        'Export-BinaryCacheReport'
        'Export-HydraReference'
        'Export-StorePath'
        'Find-BinaryCachePath'
        'Get-BinaryCacheOrphan'
        'Get-BinaryCachePath'
        'Get-BinaryCachePruneClass'
        'Get-BinaryCacheRoot'
        'Get-NixStore'
        'Get-OverlayStore'
        'Get-StoreClosure'
        'Get-StoreDatabaseBackup'
        'Get-StoreGarbage'
        'Get-StoreGeneration'
        'Get-StoreMaintenance'
        'Get-StorePath'
        'Get-StoreRoot'
        'Get-StoreTrash'
        'Import-BinaryCacheAccessLog'
        'Import-BinaryCacheInventory'
        'Import-HydraBuildOutput'
        'Import-StorePath'
        'Invoke-OverlayStore'
        'Invoke-StoreGarbageCollection'
        'Measure-BinaryCache'
        'Measure-NixStore'
        'Mount-OverlayStore'
        'New-BinaryCachePrunePlan'
        'New-OverlayStore'
        'New-StoreGarbagePlan'
        'New-StoreRoot'
        'Optimize-NixStore'
        'Optimize-OverlayStore'
        'Protect-StorePath'
        'Publish-OverlayStorePath'
        'Register-StoreMaintenance'
        'Remove-BinaryCacheRoot'
        'Remove-StoreGeneration'
        'Remove-StorePath'
        'Remove-StoreRoot'
        'Repair-NixStore'
        'Repair-OverlayStore'
        'Repair-StoreDatabase'
        'Repair-StorePath'
        'Restore-StoreDatabase'
        'Restore-StoreTrash'
        'Switch-StoreGeneration'
        'Test-BinaryCache'
        'Test-BinaryCachePrunePlan'
        'Test-NixStore'
        'Test-OverlayStore'
        'Test-StoreDatabase'
        'Test-StorePath'
        'Trace-StorePath'
        'Unregister-StoreMaintenance'
        'Update-BinaryCacheCatalog'
    )
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Tags         = @('Nix', 'NixOS', 'Store', 'BinaryCache', 'Verify', 'Repair', 'GarbageCollection', 'PSEdition_Core', 'Linux', 'MacOS')
            LicenseUri   = 'https://opensource.org/license/mit'
            ReleaseNotes = 'See CHANGELOG.md.'
        }
    }
}
