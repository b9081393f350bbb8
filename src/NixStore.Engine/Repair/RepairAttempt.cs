namespace NixStore.Engine.Repair;

/// <summary>How the repair of one path went.</summary>
/// <param name="Report">What was done.</param>
/// <param name="Path">The path as verified at the end; null when it could not be repaired.</param>
/// <param name="Error">Why it could not be repaired; null when it is valid now.</param>
public sealed record RepairAttempt(StorePathRepair Report, StorePathInfo? Path, NixStoreException? Error);
