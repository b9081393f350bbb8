namespace NixStore;

/// <summary>Who goes first at the disk, as ioprio_set(2) has it.</summary>
public enum StoreIOSchedulingClass
{
    /// <summary>Only while nobody else wants anything of the disk. What holds a lock can then keep others waiting for very long.</summary>
    Idle,
    /// <summary>A share that depends on the priority.</summary>
    BestEffort,
}
