namespace NixStore.Rescue.Surroundings;

/// <summary>Where files can be put for a moment: TMPDIR or /tmp, and where there is neither, the directory that the executable is in.</summary>
internal static class ScratchDirectory
{
    private const string Variable = "TMPDIR";

    /// <summary>Sees to it that all of this process looks in the right place.</summary>
    public static void Choose()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)) && !Directory.Exists(Path.GetTempPath()))
        {
            Environment.SetEnvironmentVariable(Variable, AppContext.BaseDirectory);
        }
    }

    /// <summary>Makes a directory of one's own there.</summary>
    /// <exception cref="NixStoreException">ScratchNotWritable</exception>
    public static string Make(string prefix)
    {
        try
        {
            return Directory.CreateTempSubdirectory(prefix).FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NixStoreException("ScratchNotWritable", StoreErrorKind.WriteError,
                $"No directory can be made below '{Path.GetTempPath()}': {error.Message}", Path.GetTempPath(), "Set TMPDIR to a directory that can be written.", error);
        }
    }
}
