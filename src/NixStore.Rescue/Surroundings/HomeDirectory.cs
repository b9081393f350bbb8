namespace NixStore.Rescue.Surroundings;

/// <summary>Where there is no HOME, and no /etc/passwd that would tell: .NET asks for it as soon as it wants to know a terminal.</summary>
internal static class HomeDirectory
{
    private const string Variable = "HOME";

    /// <summary>Takes the root for it then, as Nix does for its settings.</summary>
    public static void Choose()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)))
        {
            Environment.SetEnvironmentVariable(Variable, "/");
        }
    }
}
