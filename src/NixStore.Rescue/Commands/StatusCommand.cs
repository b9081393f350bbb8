using System.CommandLine;
using NixStore.Engine.Stores;
using NixStore.Rescue.Output;

namespace NixStore.Rescue.Commands;

/// <summary><c>nixstore status</c>: what the store is, and what is seen to be wrong with it at a glance.</summary>
internal sealed class StatusCommand : StoreCommand
{
    /// <summary>Makes the command.</summary>
    public StatusCommand() : base("status", "Says at a glance what a store is and what is plainly wrong with it: database, disk, mounts, backups, trash.",
        ("nixstore status", "The store of this machine."),
        ("nixstore status --store /mnt", "That of the system mounted on /mnt."))
    {
    }

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed, StoreLocation store, IReport report, CancellationToken cancellation)
    {
        var status = StoreStatusReader.Read(store, cancellation);
        report.Write(status);
        return Code(status.Problems.Count > 0);
    }
}
