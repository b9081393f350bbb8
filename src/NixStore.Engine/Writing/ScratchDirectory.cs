namespace NixStore.Engine.Writing;

/// <summary>A directory for the time of one piece of work, below TMPDIR; disposing it removes it with all that is in it.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    private ScratchDirectory(string path) => Path = path;

    /// <summary>Where it is.</summary>
    internal string Path { get; }

    /// <summary>Makes one.</summary>
    /// <param name="target">What is to be worked on there, for the error.</param>
    /// <exception cref="NixStoreException">ScratchNotWritable</exception>
    internal static ScratchDirectory Make(string target)
    {
        try
        {
            return new ScratchDirectory(Directory.CreateTempSubdirectory("nixstore-").FullName);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NixStoreException("ScratchNotWritable", StoreErrorKind.WriteError,
                $"'{target}' cannot be copied below '{System.IO.Path.GetTempPath()}': {error.Message}", target,
                "Set TMPDIR to a directory that can be written and has room for the database.", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
