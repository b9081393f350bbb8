using System.Management.Automation;

namespace NixStore.PowerShell.Errors;

/// <summary>Turns the errors of the libraries into PowerShell's.</summary>
internal static class StoreErrors
{
    /// <summary>An error record with the exception's stable id, the category of its kind, and its remedy as recommended action.</summary>
    /// <param name="error">What happened.</param>
    /// <param name="target">The thing it is about; default <see cref="NixStoreException.Target"/>.</param>
    public static ErrorRecord ToErrorRecord(this NixStoreException error, object? target = null)
        => new(error, error.ErrorId, CategoryOf(error.Kind), target ?? error.Target)
        {
            ErrorDetails = new ErrorDetails(error.Message) { RecommendedAction = error.Remedy ?? "" },
        };

    private static ErrorCategory CategoryOf(StoreErrorKind kind) => kind switch
    {
        StoreErrorKind.InvalidArgument => ErrorCategory.InvalidArgument,
        StoreErrorKind.InvalidData => ErrorCategory.InvalidData,
        StoreErrorKind.NotFound => ErrorCategory.ObjectNotFound,
        StoreErrorKind.PermissionDenied => ErrorCategory.PermissionDenied,
        StoreErrorKind.Busy => ErrorCategory.ResourceBusy,
        StoreErrorKind.ReadError => ErrorCategory.ReadError,
        StoreErrorKind.WriteError => ErrorCategory.WriteError,
        StoreErrorKind.DiskFull => ErrorCategory.QuotaExceeded,
        StoreErrorKind.NotSupported => ErrorCategory.NotImplemented,
        StoreErrorKind.Timeout => ErrorCategory.OperationTimeout,
        StoreErrorKind.Connection => ErrorCategory.ConnectionError,
        StoreErrorKind.Security => ErrorCategory.SecurityError,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
