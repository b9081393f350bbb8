namespace NixStore;

/// <summary>What sort of trouble an error is; the cmdlets translate it to PowerShell's error categories.</summary>
public enum StoreErrorKind
{
    /// <summary>A parameter, URL or name given by the caller is not acceptable.</summary>
    InvalidArgument,
    /// <summary>Data that was read (NAR, narinfo, database, .drv) is damaged or hostile.</summary>
    InvalidData,
    /// <summary>The named thing does not exist.</summary>
    NotFound,
    /// <summary>The kernel or a policy refused access.</summary>
    PermissionDenied,
    /// <summary>Somebody else holds a lock.</summary>
    Busy,
    /// <summary>Reading failed.</summary>
    ReadError,
    /// <summary>Writing failed.</summary>
    WriteError,
    /// <summary>The file system or the quota is full.</summary>
    DiskFull,
    /// <summary>Not supported: a newer schema, an unknown algorithm, a limit of a format.</summary>
    NotSupported,
    /// <summary>An operation took longer than allowed.</summary>
    Timeout,
    /// <summary>A server could not be reached or gave no useful answer.</summary>
    Connection,
    /// <summary>A signature or a hash that protects against forgery does not match.</summary>
    Security,
}

/// <summary>
/// The base of every error NixStore raises on purpose: it names the thing, carries a stable id and, where there is one, a remedy.
/// </summary>
public class NixStoreException : Exception
{
    /// <summary>Makes an error.</summary>
    /// <param name="errorId">Stable PascalCase id, part of the public contract (scripts and tests match on it).</param>
    /// <param name="kind">The sort of trouble.</param>
    /// <param name="message">One sentence that names the thing.</param>
    /// <param name="target">The path, URL or name that the error is about.</param>
    /// <param name="remedy">What the user can do next.</param>
    /// <param name="inner">The cause.</param>
    public NixStoreException(
        string errorId, StoreErrorKind kind, string message, string? target = null, string? remedy = null, Exception? inner = null)
        : base(message, inner)
    {
        ErrorId = errorId;
        Kind = kind;
        Target = target;
        Remedy = remedy;
    }

    /// <summary>Stable id, for example <c>InvalidStorePath</c>.</summary>
    public string ErrorId { get; }

    /// <summary>The sort of trouble.</summary>
    public StoreErrorKind Kind { get; }

    /// <summary>The path, URL or name that the error is about.</summary>
    public string? Target { get; }

    /// <summary>What the user can do next; null when nothing sensible is known.</summary>
    public string? Remedy { get; }
}
