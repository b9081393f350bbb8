using System.Diagnostics;
using System.Text.RegularExpressions;
using NixStore.Engine.Database;
using NixStore.Engine.Roots;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Roots;

/// <summary>Our roots are those that real Nix knows, and it respects the roots that we make.</summary>
public sealed partial class RealNixRootsTests
{
    /// <summary>Of the store: other tests, beside these, have none of its paths, and the processes here are no roots of theirs.</summary>
    private const int Seed = 1;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Permanent_roots_are_those_that_Nix_prints(bool damaged)
    {
        using var store = StoreUnderTest.Seeded(Seed, paths: 0);
        Succeed(PhysicalNix.Store(store.Root, "--realise", store.PathOf("garbage"), "--add-root", $"{store.Root}/home/made-by-nix", "--indirect"));
        Succeed(PhysicalNix.Store(store.Root, "--realise", store.PathOf("garbage"), "--add-root", $"{store.Root}/nix/made-inside", "--indirect"));
        if (damaged)
        {
            store.Damage("k8-roots-broken");
        }

        // Nix removes stale links even when it only prints.
        using var copy = StoreUnderTest.CopyOf(store);
        var nix = Lines(PhysicalNix.Store(copy.Root, "--gc", "--print-roots")).Where(root => !root.Link.StartsWith("/proc/", StringComparison.Ordinal)).ToHashSet();
        var ours = Find(store, StoreRootKind.Permanent).Where(root => root.State == StoreRootState.Active).Select(root => (Reported(store, root), root.Path!)).ToHashSet();

        Assert.NotEmpty(nix);
        Assert.Equal(nix.Order(), ours.Order());
    }

    [SkippableFact]
    public void Runtime_roots_of_a_process_are_those_that_Nix_prints()
    {
        using var store = StoreUnderTest.Seeded(Seed, paths: 0);
        var path = store.PathOf("garbage");
        using var process = Start(store, "/bin/sh", "-c", $"cd {path}; exec env P={path}/ref:/nix/store sleep infinity 9<{path}");
        try
        {
            Assert.True(SpinWait.SpinUntil(() => Comm(process) == "sleep\n", s_patience));

            var nix = Lines(PhysicalNix.Store(store.Root, "--gc", "--print-roots")).Where(root => root.Link.StartsWith($"/proc/{process.Id}/", StringComparison.Ordinal));
            var ours = Find(store, StoreRootKind.Runtime).Where(root => root.Pid == process.Id).Select(root => (root.Link, root.Path!)).ToList();

            Assert.Equal(nix.Order(), ours.Order());
            Assert.Equal(3, ours.Count);
        }
        finally
        {
            process.Kill();
        }
    }

    [SkippableFact]
    public void The_temporary_roots_of_a_building_Nix_are_seen()
    {
        using var store = StoreUnderTest.Seeded(Seed, paths: 0);

        // It goes on as long as somebody reads what it says.
        using var build = Start(store, PhysicalNix.Program("nix234-build"), "--no-out-link", "--option", "sandbox", "false", "-E",
            "derivation { name = \"slow\"; system = builtins.currentSystem; builder = \"/bin/sh\"; args = [ \"-c\" \"while echo; do /bin/sleep 0.2; done\" ]; }");
        IReadOnlyList<StoreRoot> found = [];

        var (hasExited, id) = (false, build.Id);
        try
        {
            SpinWait.SpinUntil(() =>
            {
                Thread.Sleep(100);
                found = Find(store, StoreRootKind.Temporary);
                return build.HasExited || (found.Any(root => root.Path!.EndsWith("-slow", StringComparison.Ordinal))
                    && found.Any(root => root.State == StoreRootState.Active && root.Path!.EndsWith("-slow.drv", StringComparison.Ordinal)));
            }, s_patience);
            hasExited = build.HasExited;
        }
        finally
        {
            build.Kill(entireProcessTree: true);
        }

        Assert.False(hasExited, hasExited ? build.StandardError.ReadToEnd() : "");
        Assert.Contains(found, root => root.State == StoreRootState.Active && root.Path!.EndsWith("-slow.drv", StringComparison.Ordinal) && root.Pid == id);
        Assert.Contains(found, root => root.State == StoreRootState.NotRegistered && root.Path!.EndsWith("-slow", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void A_collection_by_Nix_respects_a_root_that_we_made_until_we_remove_it()
    {
        using var store = StoreUnderTest.Seeded(Seed, paths: 0);
        var path = store.PathOf("garbage");
        var link = $"{store.Root}/nix/result";
        using (var database = StoreDatabase.OpenForReading(store.Location))
        {
            new RootMaker(store.Location, database.IsRegistered).Make(store.Location.Directory.Parse(path), link, false, CancellationToken.None);
        }

        Succeed(PhysicalNix.Store(store.Root, "--gc"));
        Assert.Equal(path, store.PathOf("garbage"));
        Assert.Contains(("/nix/result", path), Lines(PhysicalNix.Store(store.Root, "--gc", "--print-roots")));

        using (var database = StoreDatabase.OpenForReading(store.Location))
        {
            var remover = new RootRemover(store.Location, database.IsRegistered);
            remover.Remove(remover.Find(link));
        }

        Succeed(PhysicalNix.Store(store.Root, "--gc"));
        Assert.Throws<InvalidOperationException>(() => store.PathOf("garbage"));
    }

    [SkippableFact]
    public void A_collection_by_Nix_respects_what_is_protected_until_it_is_not()
    {
        using var store = StoreUnderTest.Seeded(Seed, paths: 0);
        var path = store.PathOf("garbage");
        using (var database = StoreDatabase.OpenForReading(store.Location))
        using (var protection = PathProtection.Begin(store.Location, database.IsRegistered, CancellationToken.None))
        {
            protection.Add(store.Location.Directory.Parse(path), CancellationToken.None);
            protection.Complete(CancellationToken.None);
            Succeed(PhysicalNix.Store(store.Root, "--gc"));
            Assert.Equal(path, store.PathOf("garbage"));
        }

        Succeed(PhysicalNix.Store(store.Root, "--gc"));
        Assert.Throws<InvalidOperationException>(() => store.PathOf("garbage"));
    }

    private static IReadOnlyList<StoreRoot> Find(StoreUnderTest store, StoreRootKind kind)
    {
        using var database = StoreDatabase.OpenForReading(store.Location);
        return [.. new RootScanner(store.Location, database.IsRegistered).FindAll(CancellationToken.None).Where(root => root.Kind == kind)];
    }

    /// <summary>The name by which Nix reports a root: of an indirect one, the other link; all as they are called in the namespace of the store.</summary>
    private static string Reported(StoreUnderTest store, StoreRoot root)
    {
        var link = root.Link[store.Root.Length..];
        var isDirect = root.Target is null || root.Target.StartsWith("/nix/store/", StringComparison.Ordinal);
        return isDirect ? link : Path.GetFullPath(root.Target!, Path.GetDirectoryName(link)!);
    }

    private static HashSet<(string Link, string Path)> Lines(CommandResult result)
    {
        Succeed(result);
        return [.. RootLine().Matches(result.Output).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];
    }

    private static void Succeed(CommandResult result) => Assert.True(result.ExitCode == 0, result.Error);

    private static Process Start(StoreUnderTest store, params string[] command)
        => Command.Start($"{SourceTree.Interop}/in-store.sh", [store.Root, .. command], PhysicalNix.Environment(store.Root));

    private static string Comm(Process process) => File.ReadAllText($"/proc/{process.Id}/comm");

    [GeneratedRegex("^\"?(.*?)\"? -> (/nix/store/[^/\n]*)$", RegexOptions.Multiline)]
    private static partial Regex RootLine();
}
