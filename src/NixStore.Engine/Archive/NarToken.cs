namespace NixStore.Engine.Archive;

/// <summary>What <see cref="NarReader"/> stands on.</summary>
public enum NarToken
{
    /// <summary>Before the first node, or after an error.</summary>
    None,
    /// <summary>A directory begins; its entries follow.</summary>
    BeginDirectory,
    /// <summary>The entries of a directory are over.</summary>
    EndDirectory,
    /// <summary>A regular file; its contents can be read now.</summary>
    Regular,
    /// <summary>A symbolic link.</summary>
    Symlink,
    /// <summary>The archive is over.</summary>
    End,
}
