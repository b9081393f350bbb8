namespace NixStore.Rescue;

/// <summary>What <c>nixstore</c> ends with; scripts rely on the numbers.</summary>
internal static class ExitCodes
{
    /// <summary>All of them, for the help.</summary>
    public const string Description =
        "0 nothing is wrong (any more), 1 something is, 2 wrong command line or name, 3 not found, 4 no permission, 5 locked, "
        + "6 reading or writing failed, 7 no connection, 8 damaged or unsupported data, 9 wrong signature, 130 interrupted.";

    /// <summary>Done, and nothing is wrong.</summary>
    public const int Success = 0;

    /// <summary>Done, and something is wrong with the store (still).</summary>
    public const int Findings = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Ended by Ctrl+C, as shells count.</summary>
    public const int Interrupted = 130;

    /// <summary>The number for an error that ended the command.</summary>
    public static int Of(StoreErrorKind kind) => kind switch
    {
        StoreErrorKind.InvalidArgument => Usage,
        StoreErrorKind.NotFound => 3,
        StoreErrorKind.PermissionDenied => 4,
        StoreErrorKind.Busy => 5,
        StoreErrorKind.ReadError or StoreErrorKind.WriteError or StoreErrorKind.DiskFull => 6,
        StoreErrorKind.Connection or StoreErrorKind.Timeout => 7,
        StoreErrorKind.InvalidData or StoreErrorKind.NotSupported => 8,
        StoreErrorKind.Security => 9,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
