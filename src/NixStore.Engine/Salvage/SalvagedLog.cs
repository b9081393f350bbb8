namespace NixStore.Engine.Salvage;

/// <summary>What the write-ahead log of a database held.</summary>
/// <param name="Frames">Whole frames in the file.</param>
/// <param name="CommittedFrames">Frames up to the last commit, all with right checksums: these were read instead of the database's own pages.</param>
/// <param name="RemainingFrames">Other frames whose own checksum is right.</param>
public readonly record struct SalvagedLog(long Frames, long CommittedFrames, long RemainingFrames);
