# Nested in NixStore.psd1, which says why.
@{
    ModuleVersion     = '0.0.0'
    GUID              = 'f16db8da-d153-4f06-bdf7-4dc0978ce98f'
    TypesToProcess    = @('NixStore.Types.ps1xml')
    CmdletsToExport   = @()
    FunctionsToExport = @()
    VariablesToExport = @()
    AliasesToExport   = @()
}
