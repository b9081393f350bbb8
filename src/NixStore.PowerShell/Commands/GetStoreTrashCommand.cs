using System.Management.Automation;
using NixStore.Engine.Trash;

namespace NixStore.PowerShell.Commands;

/// <summary>Get-StoreTrash: what collections have put into the trash.</summary>
[Cmdlet(VerbsCommon.Get, "StoreTrash", DefaultParameterSetName = PathSet)]
[OutputType(typeof(StoreTrashItem))]
public sealed class GetStoreTrashCommand : StoreTrashCommand
{
    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateStore();
        var isWanted = MakeFilter();
        Pump<StoreTrashItem>(
            (emit, cancellation) =>
            {
                foreach (var item in StoreTrash.List(store, damaged => Failures.Enqueue(damaged)).Where(isWanted))
                {
                    cancellation.ThrowIfCancellationRequested();
                    emit(item);
                }
            },
            WriteObject);
        WriteFailures();
    }
}
