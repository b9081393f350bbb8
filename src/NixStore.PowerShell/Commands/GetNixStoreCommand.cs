using System.Management.Automation;
using NixStore.Engine.Database;

namespace NixStore.PowerShell.Commands;

/// <summary>Get-NixStore: where a store is and how much is in it.</summary>
[Cmdlet(VerbsCommon.Get, "NixStore")]
[OutputType(typeof(NixStoreInfo))]
public sealed class GetNixStoreCommand : StoreCommand
{
    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateStore();
        using var database = StoreDatabase.OpenForReading(store);
        var sizes = database.ReadSizes();
        WriteObject(new NixStoreInfo
        {
            Store = store.Url,
            Directory = store.Directory.Path,
            RealDirectory = store.RealDirectory,
            StateDirectory = store.StateDirectory,
            LogDirectory = store.LogDirectory,
            DatabasePath = store.DatabasePath,
            IsReadOnly = store.IsReadOnly,
            Schema = SchemaFile.Read(store),
            PathCount = sizes.Count,
            NarSize = sizes.Sum(size => size.NarSize),
        });
    }
}
