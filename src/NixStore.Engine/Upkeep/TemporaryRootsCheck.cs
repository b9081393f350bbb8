using System.Globalization;
using System.Text;
using NixStore.Engine.Native;
using NixStore.Engine.Roots;

namespace NixStore.Engine.Upkeep;

/// <summary>
/// The directory <c>temproots</c> (GC-SPEC §2; Nix libstore/gc.cc:findTempRoots). Every collection before Nix 2.36 ends at a name that begins
/// with no number (NIX-ON-DAMAGE, case k5), and any at what cannot be opened for writing. Whether a file is of use, its lock decides.
/// </summary>
internal sealed class TemporaryRootsCheck : IUpkeepCheck
{
    private const string Remedy = "Repair-NixStore sets it aside.";

    /// <inheritdoc/>
    public StoreFindingArea Area => StoreFindingArea.Root;

    /// <inheritdoc/>
    public string Subject => "temporary roots";

    /// <inheritdoc/>
    public void Run(UpkeptStore store, Action<UpkeepFault> found)
    {
        var path = $"{store.Location.StateDirectory}/temproots";
        using var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path),
            OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime, 0, out var error);
        if (directory is null)
        {
            if (error is not (Errno.NoEntry or Errno.NotDirectory))
            {
                throw new StoreIOException("open", path, error);
            }

            return;
        }

        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            store.Cancellation.ThrowIfCancellationRequested();
            if (entries.Name[0] != '.' && Look(store, directory, entries.Name.ToArray()) is { } fault)
            {
                found(fault);
            }
        }
    }

    /// <summary>
    /// True when Nix before 2.36 finds a number of a process in a name: std::stoi(3) takes blanks, a sign and digits that fit, and lets
    /// anything follow.
    /// </summary>
    internal static bool HasNumber(ReadOnlySpan<byte> name)
    {
        var text = Encoding.Latin1.GetString(name).TrimStart(' ', '\t', '\n', '\v', '\f', '\r');
        var sign = text.StartsWith('-') || text.StartsWith('+') ? 1 : 0;
        var end = text.AsSpan(sign).IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(end < 0 ? text : text[..(sign + end)], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
    }

    private UpkeepFault? Look(UpkeptStore store, FileDescriptor directory, byte[] name)
    {
        var path = directory.Combine(name);
        if (!Posix.TryStatusAt(directory, name, out var status, out var error))
        {
            return error == Errno.NoEntry ? null : Unreadable(new StoreIOException("stat", path, error));
        }

        if (status.Type != FileType.Regular)
        {
            return new UpkeepFault(
                store.Finding(Area, "TemporaryRootsNotAFile", StoreFindingSeverity.Error, path,
                    $"'{path}' is not a file: a collection by Nix ends there, or writes into what a link leads to", Remedy),
                new SetAside(StoreRepairStepKind.MendRoot, directory.Path, name, status));
        }

        using var file = Posix.TryOpenAt(directory, name, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking | OpenFlags.NoAccessTime, 0, out error);
        if (file is null)
        {
            return error == Errno.NoEntry ? null : Unreadable(new StoreIOException("open", path, error));
        }

        var isHeld = TemporaryRootFiles.IsHeld(file);
        if (!HasNumber(ByteName.Trim(name)))
        {
            return new UpkeepFault(
                store.Finding(Area, "TemporaryRootsNameInvalid", isHeld ? StoreFindingSeverity.Warning : StoreFindingSeverity.Error, path,
                    $"'{path}' is not called by the number of a process: no Nix before 2.36 can collect",
                    isHeld ? "A running process holds it: let it end, or collect with Nix 2.36 or Invoke-StoreGarbageCollection." : Remedy),
                isHeld ? [] : [new SetAsideTemporaryRoots(store.Location, name)]);
        }

        return isHeld ? null
            : new UpkeepFault(store.Finding(Area, "TemporaryRootsStale", StoreFindingSeverity.Information, path,
                $"the process that made '{path}' has ended; what is in it keeps nothing", "The next collection removes it."));

        UpkeepFault Unreadable(StoreIOException failure)
            => new(store.Finding(Area, "TemporaryRootsUnreadable", StoreFindingSeverity.Error, path, failure.Message, failure.Remedy));
    }
}
