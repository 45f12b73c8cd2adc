package kotlin.coroutines;

/**
 * Stands for the type that the Kotlin compiler adds as a last parameter to suspend
 * functions.
 */
public interface Continuation {

}
