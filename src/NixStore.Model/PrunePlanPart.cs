namespace NixStore;

/// <summary>A Parquet file of a plan.</summary>
/// <param name="Name">In the table's folder.</param>
/// <param name="Rows">Rows in it.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its digest, in base 16.</param>
public sealed record PrunePlanPart(string Name, long Rows, long Bytes, string Sha256);

/// <summary>That somebody has agreed to a plan.</summary>
/// <param name="By">Who.</param>
/// <param name="At">When.</param>
/// <param name="Digest">The plan's digest then.</param>
/// <param name="Comment">What was said to it.</param>
public sealed record PrunePlanApproval(string By, DateTimeOffset At, string Digest, string? Comment);
