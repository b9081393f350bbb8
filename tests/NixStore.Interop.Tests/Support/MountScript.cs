namespace NixStore.Interop.Tests.Support;

/// <summary>A shell script in namespaces of its own: what it mounts, nobody else sees, and what others run, it does not see (<see cref="RescueProgram.Alone"/>).</summary>
internal static class MountScript
{
    /// <summary>Runs it with `$0` and on from the arguments, and the rescue program's environment; it must succeed.</summary>
    internal static string Run(string script, params string[] arguments)
    {
        var result = RescueProgram.Run(RescueProgram.Alone(["--mount", "--propagation", "private", "/bin/bash", "-euc", script, .. arguments]));
        Assert.True(result.ExitCode == 0, $"exit code {result.ExitCode}\n{result.Output}\n{result.Error}");
        return result.Output;
    }
}
