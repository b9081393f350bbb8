using System.Buffers.Text;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Roots;

/// <summary>
/// The temporary roots of all processes: files below <c>temproots</c> that somebody holds locked. A file that nobody holds is left over, and
/// keeps nothing (GC-SPEC §2; Nix libstore/gc.cc:findTempRoots). Any name is taken, as by Nix from 2.36 on, but for hidden ones.
/// </summary>
internal static class TemporaryRootFiles
{
    /// <summary>Finds all.</summary>
    internal static void Find(
        StoreLocation store, Func<string, bool> isRegistered, UserNames users, List<StoreRoot> roots, Action<NixStoreException> report,
        CancellationToken cancellation)
    {
        using var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From($"{store.StateDirectory}/temproots"),
            OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime, 0, out var error);
        if (directory is null)
        {
            if (error != Errno.NoEntry)
            {
                report(new StoreIOException("open", $"{store.StateDirectory}/temproots", error));
            }

            return;
        }

        var paths = new StorePathText(store);
        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            if (entries.Name[0] == '.')
            {
                continue;
            }

            using var file = Posix.TryOpenAt(directory, entries.Name,
                OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking | OpenFlags.NoAccessTime, 0, out error);
            if (file is null)
            {
                if (error is not (Errno.NoEntry or Errno.Loop))
                {
                    report(new StoreIOException("open", directory.Combine(entries.Name), error));
                }

                continue;
            }

            try
            {
                if (Posix.Status(file) is { Type: FileType.Regular } status && IsHeld(file))
                {
                    Read(file, entries.Name, users.NameOf(status.Owner));
                }
            }
            catch (NixStoreException failure)
            {
                report(failure);
            }
        }

        void Read(FileDescriptor file, ReadOnlySpan<byte> name, string user)
        {
            // A process in another PID namespace has a number that means nothing here, or somebody else.
            int? process = Utf8Parser.TryParse(name, out int id, out var digits) && id > 0 && digits < name.Length && name[digits] is 0 or (byte)'-' ? id : null;
            var processName = process is { } number ? ProcessName.Of(number) : null;
            var rest = Posix.ReadAll(file).AsSpan();

            // What has no NUL behind it is about to be written, or was cut off.
            for (; rest.IndexOf((byte)0) is var end and >= 0; rest = rest[(end + 1)..])
            {
                if (paths.Parse(rest[..end]) is not { } path)
                {
                    continue;
                }

                roots.Add(new StoreRoot
                {
                    Store = store.Url,
                    Kind = StoreRootKind.Temporary,
                    Origin = StoreRootOrigin.TemporaryRoots,
                    State = isRegistered(path) ? StoreRootState.Active : StoreRootState.NotRegistered,
                    Path = path,
                    Link = file.Path,
                    Pid = process,
                    ProcessName = processName,
                    User = user,
                });
            }
        }
    }

    /// <summary>
    /// A shared lock can be had unless the owner has its exclusive one; it is given back at once. Asking by an exclusive one, as Nix does, would
    /// make two who look at the same time take a left-over file for one that is held.
    /// </summary>
    internal static bool IsHeld(FileDescriptor file)
    {
        if (!Posix.TryFlock(file, LockMode.Shared))
        {
            return true;
        }

        Posix.Unlock(file);
        return false;
    }
}
