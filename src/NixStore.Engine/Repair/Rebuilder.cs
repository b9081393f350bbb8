using System.Diagnostics;
using Microsoft.Data.Sqlite;
using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Repair;

/// <summary>
/// Has a Nix on this machine build a path once more, beside the damaged one. <c>nix-store --realise --check --keep-failed</c> compares a
/// fresh build with the registered hash, touches nothing that is valid, and leaves what differs as <c>&lt;path&gt;.check</c>
/// (Nix libstore/unix/build/derivation-builder.cc). It is given a copy of the database in which the path has another hash, so that it
/// leaves the right result as well. Unlike <c>--repair</c> this cannot make a different result valid (NIX-ON-DAMAGE, X11, X14).
/// </summary>
/// <param name="store">The store.</param>
/// <param name="database">Its database, to be copied.</param>
internal sealed class Rebuilder(WritableStore store, StoreDatabase database)
{
    private const string Program = "nix-store";

    /// <summary>Contents that were built, in the store directory; disposing them removes them.</summary>
    internal sealed class Rebuilt(FileDescriptor directory, byte[] name) : IDisposable
    {
        internal string Name => $"rebuild ({ByteName.ToDisplay(name)})";

        /// <summary>What was built.</summary>
        internal NixHash Hash(NarHasher hasher, CancellationToken cancellation) => hasher.HashTree(directory, name, null, null, cancellation).Hash;

        internal Stream OpenNar(CancellationToken cancellation) => new NarDumpStream(directory, name, cancellation);

        public void Dispose() => TreeRemover.Remove(directory, name);
    }

    /// <summary>
    /// Builds; null, with the reason on the trail, when there is no result to look at. The path must not be locked by us, since the build
    /// locks it.
    /// </summary>
    /// <exception cref="OperationCanceledException"/>
    internal Rebuilt? Rebuild(ParsedRow path, RepairTrail trail, CancellationToken cancellation)
    {
        if (path.Deriver is not { } deriver)
        {
            trail.Add("rebuild", "the deriver is not known");
            return null;
        }

        var check = ByteName.From(path.Path!.BaseName + ".check");
        TreeRemover.Remove(store.Directory, check);
        var scratch = Directory.CreateTempSubdirectory("nixstore-build-").FullName;
        try
        {
            PrepareState(path.Path, scratch);
            var message = Run(deriver, scratch, cancellation);
            if (Posix.TryStatusAt(store.Directory, check, out _, out _))
            {
                return new Rebuilt(store.Directory, check);
            }

            trail.Add("rebuild", message);
            return null;
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
            new BuildLeftovers(store, database).Remove(deriver, path.Path, cancellation);
        }
    }

    private void PrepareState(StorePath path, string scratch)
    {
        Directory.CreateDirectory($"{scratch}/db");
        File.WriteAllText($"{scratch}/db/schema", "10");
        database.CopyTo($"{scratch}/db/db.sqlite");
        using var copy = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = $"{scratch}/db/db.sqlite", Pooling = false }.ToString());
        copy.Open();
        using var command = copy.CreateCommand();
        command.CommandText = "update ValidPaths set hash = $hash where path = $path";
        command.Parameters.AddWithValue("$hash", "sha256:" + new string('1', 64));
        command.Parameters.AddWithValue("$path", store.Location.Directory.Print(path));
        command.ExecuteNonQuery();
    }

    /// <summary>Runs the build and gives its last message.</summary>
    private string Run(StorePath deriver, string scratch, CancellationToken cancellation)
    {
        var location = store.Location;
        var url = new Stores.StoreUrl("local", "", new Dictionary<string, string>
        {
            ["store"] = location.Directory.Path,
            ["real"] = location.RealDirectory,
            ["state"] = scratch,
            ["log"] = $"{scratch}/log",
        });
        var start = new ProcessStartInfo(Program) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in (string[])["--store", url.ToString(), "--realise", "--check", "--keep-failed", location.Directory.Print(deriver)])
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            using var process = Process.Start(start)!;
            using var registration = cancellation.Register(() => process.Kill(entireProcessTree: true));
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var messages = process.StandardError.ReadToEnd();
            process.WaitForExit();
            _ = output.Result;
            cancellation.ThrowIfCancellationRequested();
            return messages.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault()
                ?? "the build left nothing to look at";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return $"there is no {Program} on this machine's PATH";
        }
    }
}
