using System.Diagnostics;
using NixStore.Engine.Stores;

namespace NixStore.Rescue.Demo;

/// <summary>The <c>nix-store</c> of this machine, if it has one, as a second opinion.</summary>
internal static class RealNix
{
    /// <summary>One that tests/interop/get-nix.sh installed, else the one on PATH; null when there is none.</summary>
    public static string? Find()
    {
        var lab = Environment.GetEnvironmentVariable("NIXLAB") is { Length: > 0 } given ? given
            : Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache/nixstore");
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(directory => Path.Join(directory, "nix-store"))
            .Prepend(Path.Join(lab, "nix/bin/nix234-store")).FirstOrDefault(File.Exists);
    }

    /// <summary>Lets it verify a store.</summary>
    public static bool Verify(string program, StoreLocation store)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        foreach (var argument in (string[])["--store", store.Url, "--verify", "--check-contents"])
        {
            start.ArgumentList.Add(argument);
        }

        using var nix = Process.Start(start)!;
        nix.StandardOutput.ReadToEnd();
        nix.WaitForExit();
        return nix.ExitCode == 0;
    }
}
