using System.Diagnostics;
using NixStore.Bench.Catalogs;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Tests.Support;

/// <summary>Runs of the bench's program that get a real SIGKILL.</summary>
internal static class KilledRun
{
    /// <summary>Runs it to its end; gives the catalog's files as the next writer leaves them.</summary>
    internal static Dictionary<string, string> Undisturbed(string catalog, out TimeSpan time, params string[] arguments)
    {
        var watch = Stopwatch.StartNew();
        Assert.True(Run(null, arguments));
        time = watch.Elapsed;
        return Contents(catalog);
    }

    /// <summary>Kills it at a moment, and then runs it to its end.</summary>
    internal static Dictionary<string, string> Killed(string catalog, TimeSpan after, params string[] arguments)
    {
        Run(after, arguments);
        Assert.True(Run(null, arguments));
        return Contents(catalog);
    }

    /// <summary>Kills it at a share of the time that it takes; when it is through before, that is the time it takes, and it is tried again.</summary>
    /// <param name="time">What a whole run takes.</param>
    /// <param name="share">When of that it is killed.</param>
    /// <param name="prepare">Makes everything as it is to be before a run.</param>
    /// <param name="arguments">Of the program.</param>
    /// <returns>It was killed.</returns>
    internal static bool Kill(ref TimeSpan time, double share, Action prepare, params string[] arguments)
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            prepare();
            var watch = Stopwatch.StartNew();
            if (!Run(time * share, arguments))
            {
                return true;
            }

            time = watch.Elapsed < time ? watch.Elapsed : time;
        }

        return false;
    }

    private static Dictionary<string, string> Contents(string catalog)
    {
        // The next writer removes what has gone out of use.
        using (CatalogWriter.Open(catalog))
        {
        }

        return Folders.Read(catalog);
    }

    /// <summary>Runs it to its end, or kills it at a moment; true when it came to its end.</summary>
    internal static bool Run(TimeSpan? kill, params string[] arguments) => Run(kill, new Dictionary<string, string?>(), arguments);

    /// <summary>The same with something else in its environment.</summary>
    internal static bool Run(TimeSpan? kill, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(CatalogGenerator).Assembly.Location, .. arguments]) { RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        if (kill is { } after && !process.WaitForExit(after))
        {
            process.Kill();
            process.WaitForExit();
            return false;
        }

        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
        return true;
    }
}
